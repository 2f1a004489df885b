/// A seccomp filter: what a confined program has no business with fails with `EPERM`, the rest is let through. A second wall
/// behind namespaces, against the kernel's less walked paths; written for x86-64 and arm64, any other calling convention
/// ends the process.
///
/// Classic BPF over `struct seccomp_data` (linux/seccomp.h): number at byte 0, architecture at 4, the first argument at 16.
public struct SystemCallFilter: Sendable, Equatable {
    /// What a program may do with processes.
    public enum Processes: Sendable {
        /// Fork and replace itself.
        case any
        /// Make threads, and replace itself: a tool that is about to be started.
        case threads
        /// Make threads alone; signal nobody.
        case none
    }

    /// Bytes of an instruction, `struct sock_filter`.
    public static let instructionSize = 8

    /// The program, as `bwrap --seccomp` and prctl take it.
    public private(set) var bytes: [UInt8] = []

    private static let allow: UInt32 = 0x7FFF_0000
    private static let kill: UInt32 = 0x8000_0000
    private static let notPermitted: UInt32 = 0x0005_0001
    private static let noSuchCall: UInt32 = 0x0005_0026
    private static let thread: UInt32 = 0x0001_0000  // CLONE_THREAD

    private static let load: UInt16 = 0x20  // BPF_LD | BPF_W | BPF_ABS
    private static let equal: UInt16 = 0x15  // BPF_JMP | BPF_JEQ | BPF_K
    private static let atLeast: UInt16 = 0x35  // BPF_JMP | BPF_JGE | BPF_K
    private static let hasBits: UInt16 = 0x45  // BPF_JMP | BPF_JSET | BPF_K
    private static let give: UInt16 = 0x06  // BPF_RET | BPF_K

    /// Composes the program.
    public init(_ processes: Processes) {
        let calls = SystemCalls.ofThisMachine
        add(Self.load, 4)
        add(Self.equal, calls.architecture, jumpTrue: 1)
        add(Self.give, Self.kill)
        add(Self.load, 0)
        // The x32 convention of x86-64 has the same calls under other numbers.
        add(Self.atLeast, 0x4000_0000, jumpFalse: 1)
        add(Self.give, Self.notPermitted)
        refuse([calls.clone3], Self.noSuchCall)  // glibc falls back on clone, whose flags can be seen
        refuse(calls.dangerous, Self.notPermitted)
        guard processes != .any else {
            add(Self.give, Self.allow)
            return
        }
        refuse(calls.forks, Self.notPermitted)
        if processes == .none { refuse(calls.signalsAndPrograms, Self.notPermitted) }
        add(Self.equal, calls.clone, jumpFalse: 4)
        add(Self.load, 16)
        add(Self.hasBits, Self.thread, jumpTrue: 1)
        add(Self.give, Self.notPermitted)
        add(Self.give, Self.allow)
        add(Self.give, Self.allow)
    }

    private mutating func refuse(_ numbers: [UInt32], _ answer: UInt32) {
        for number in numbers {
            add(Self.equal, number, jumpFalse: 1)
            add(Self.give, answer)
        }
    }

    private mutating func add(_ code: UInt16, _ value: UInt32, jumpTrue: UInt8 = 0, jumpFalse: UInt8 = 0) {
        bytes += [UInt8(truncatingIfNeeded: code), UInt8(truncatingIfNeeded: code >> 8), jumpTrue, jumpFalse]
        bytes += (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }
}

/// The numbers of system calls (asm/unistd_64.h, asm-generic/unistd.h).
private struct SystemCalls {
    let architecture: UInt32
    let clone: UInt32
    let clone3: UInt32 = 435
    let forks: [UInt32]
    /// kill, tkill, pidfd_send_signal, execve, execveat.
    let signalsAndPrograms: [UInt32]
    /// Sockets, tracing, mounts, namespaces, keys, kernel modules, BPF, io_uring and the like.
    let dangerous: [UInt32]

    /// Numbers that all architectures share: pidfd_open, pidfd_getfd, io_uring_*, the mount calls of 5.2 and 5.12.
    private static let common: [UInt32] = [434, 438, 425, 426, 427, 428, 429, 430, 431, 432, 433, 442]

    #if arch(x86_64)
    static let ofThisMachine = SystemCalls(
        architecture: 0xC000_003E,
        clone: 56,
        forks: [57, 58],
        signalsAndPrograms: [62, 200, 424, 59, 322],
        dangerous: common + [
            41, 53,  // socket, socketpair
            101, 310, 311, 298, 323,  // ptrace, process_vm_*, perf_event_open, userfaultfd
            165, 166, 155, 161, 272, 308, 304,  // mount, umount2, pivot_root, chroot, unshare, setns, open_by_handle_at
            248, 249, 250, 321,  // add_key, request_key, keyctl, bpf
            175, 176, 313, 246, 320, 169, 135,  // modules, kexec, reboot, personality
        ]
    )
    #else
    static let ofThisMachine = SystemCalls(
        architecture: 0xC000_00B7,
        clone: 220,
        forks: [],
        signalsAndPrograms: [129, 130, 424, 221, 281],
        dangerous: common + [
            198, 199,
            117, 270, 271, 241, 282,
            40, 39, 41, 51, 97, 268, 265,
            217, 218, 219, 280,
            105, 106, 273, 104, 294, 142, 92,
        ]
    )
    #endif
}
