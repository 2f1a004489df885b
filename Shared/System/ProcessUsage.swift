import Glibc

/// What this process uses, as the kernel counts it (proc(5)). Each is read anew; a few microseconds. Any thread.
public enum ProcessUsage {
    /// Processor time used so far, user and system, in seconds.
    public static var processorSeconds: Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Bytes of its memory that are in RAM; 0 when `/proc` cannot be read.
    public static var residentBytes: Int { pages(1) }

    /// Bytes of address space; 0 when `/proc` cannot be read.
    public static var virtualBytes: Int { pages(0) }

    /// File descriptors that are open, the one for counting them left out.
    public static var openDescriptors: Int {
        guard let directory = unsafe opendir("/proc/self/fd") else { return 0 }
        defer { unsafe closedir(directory) }
        var count = 0
        while unsafe readdir(directory) != nil { count += 1 }
        // `.`, `..` and the directory itself.
        return max(0, count - 3)
    }

    /// File descriptors that may be open.
    public static var maximumDescriptors: Int {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
        return Int(clamping: limit.rlim_cur)
    }

    /// When the process was started; nil when `/proc` cannot be read.
    public static var startTime: Timestamp? {
        // The command's name, in parentheses, may hold anything: fields are counted behind it. The 22nd is in ticks.
        let fields = text("/proc/self/stat").split(separator: ")").last?.split(separator: " ") ?? []
        let boot = text("/proc/stat").split(separator: "\n").first { $0.hasPrefix("btime ") }?.dropFirst(6)
        guard fields.count > 19, let ticks = Int64(fields[19]), let seconds = boot.flatMap({ Int64($0) }) else {
            return nil
        }
        return Timestamp(milliseconds: seconds * 1000 + ticks * 1000 / Int64(sysconf(Int32(_SC_CLK_TCK))))
    }

    private static func pages(_ index: Int) -> Int {
        let fields = text("/proc/self/statm").split(separator: " ")
        guard index < fields.count, let pages = Int(fields[index]) else { return 0 }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    private static func text(_ path: String) -> String {
        // Absent in some sandboxes: then the figure is missing, and nothing else.
        String(decoding: (try? File.read(path)) ?? [], as: UTF8.self)
    }
}
