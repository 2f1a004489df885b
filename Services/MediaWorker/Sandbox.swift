import FoundationEssentials
import System

/// How tools that read what strangers sent are confined: own namespaces without a network, a file system of the libraries,
/// the tool, the input and an empty folder, all but the last read-only; no capabilities; a filter of system calls; limits of
/// memory, time, files. By bubblewrap and prlimit, which need no privileges where user namespaces are allowed.
struct Sandbox: Sendable {
    /// What `MEDIA_SANDBOX` may say.
    enum Mode: String, Sendable, CaseIterable {
        /// Confined, or not at all.
        case required
        /// Limits alone; for machines where the worker is itself confined by other means.
        case off
    }

    /// What a tool may take.
    struct Limits: Sendable {
        /// Bytes of address space of one process; nil where the tool limits itself.
        var memory: UInt64?
        /// Seconds of a processor; nil where the tool limits itself.
        var processorSeconds: UInt64?
        /// Bytes of one file.
        var fileSize: UInt64
        /// What it may do with processes.
        var processes: SystemCallFilter.Processes = .threads
    }

    /// The folders of one tool at work.
    struct Place: Sendable {
        /// What it reads, on this machine.
        let input: String
        /// What it writes, on this machine.
        let output: String
        /// Where its words go.
        let log: String

        /// Not removed: a confined process may go on writing to it.
        func emptyLog() throws {
            if File.exists(log) { try OpenFile(writing: log).truncate(to: 0) }
        }
    }

    static let openFiles = 64
    /// As the tool sees the folders and itself.
    private static let (insideInput, insideOutput, insideProgram) = ("/in", "/out", "/program")

    let mode: Mode
    private let filters: [String: String]
    private let libraries: [String]

    /// Writes the filters to a folder, which must stay.
    init(_ mode: Mode, directory: String) throws {
        self.mode = mode
        var filters: [String: String] = [:]
        for processes in [SystemCallFilter.Processes.any, .threads] {
            let path = "\(directory)/\(processes).bpf"
            try File.write(path, SystemCallFilter(processes).bytes)
            filters["\(processes)"] = path
        }
        self.filters = filters
        libraries = try Self.ownLibraryFolders()
    }

    /// Where the tool finds its input and output.
    func input(_ place: Place) -> String { mode == .off ? place.input : Self.insideInput }
    func output(_ place: Place) -> String { mode == .off ? place.output : Self.insideOutput }

    /// Starts a program, given by its path. It ends with this process. The log is emptied: what it holds at the end is this
    /// program's own, and says why this one failed.
    func start(
        _ program: String,
        _ arguments: [String],
        environment more: [String: String] = [:],
        in place: Place,
        limits: Limits,
        channel: LineChannel? = nil
    ) throws -> ChildProcess {
        try place.emptyLog()
        var words = ["--core=0", "--nofile=\(Self.openFiles)", "--fsize=\(limits.fileSize)"]
        if let memory = limits.memory { words.append("--as=\(memory)") }
        if let seconds = limits.processorSeconds { words.append("--cpu=\(seconds):\(seconds + 1)") }
        var files: [Int32: String] = [:]
        if mode == .required {
            words += ["bwrap"] + confinement(place, program) + ["--", Self.insideProgram]
            files = [9: filters["\(limits.processes)"] ?? ""]
        } else {
            words.append(program)
        }
        let environment = [
            "PATH": Environment.value("PATH") ?? "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": output(place),
            "TMPDIR": output(place),
            "VIPS_CONCURRENCY": "1", "SWIFT_BACKTRACE": "enable=no",
        ]
        return try ChildProcess.start(
            "prlimit",
            arguments: words + arguments,
            environment: environment.merging(more) { $1 },
            output: .append(path: place.log),
            files: files,
            channel: channel
        )
    }

    private func confinement(_ place: Place, _ program: String) -> [String] {
        var words = ["--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
        words += ["--uid", "65534", "--gid", "65534", "--hostname", "confined"]
        words += ["--ro-bind", "/usr/lib", "/usr/lib", "--symlink", "usr/lib", "/lib"]
        words += ["--ro-bind-try", "/usr/lib64", "/usr/lib64", "--symlink", "usr/lib64", "/lib64"]
        // The names of exchangeable libraries (BLAS), and where all are.
        for path in ["/etc/alternatives", "/etc/ld.so.cache"] { words += ["--ro-bind-try", path, path] }
        for path in libraries { words += ["--ro-bind", path, path] }
        words += ["--dev", "/dev"]
        words += ["--ro-bind", program, Self.insideProgram]
        words += ["--ro-bind", place.input, Self.insideInput, "--bind", place.output, Self.insideOutput]
        return words + ["--chdir", Self.insideOutput, "--seccomp", "9"]
    }

    /// The folders of the libraries of this program that are not the system's: Swift's, of a program that is not linked
    /// statically.
    private static func ownLibraryFolders() throws -> [String] {
        let maps = String(decoding: try File.read("/proc/self/maps"), as: UTF8.self)
        let paths = maps.split(separator: "\n").compactMap { line in
            line.firstIndex(of: "/").map { String(line[$0...]) }
        }
        let folders = paths.filter { $0.contains(".so") && !$0.hasPrefix("/usr/lib") && !$0.hasPrefix("/lib") }
        return Set(folders.map(File.directory)).sorted()
    }
}
