import System
import TestSupport
import Testing

/// A process that has given calls up, judged by what it can still do: Python, under the filter's own bytes.
@Suite struct SystemCallFilterTests {
    private static let program = """
        import ctypes, errno, mmap, os, socket, sys, threading
        libc = ctypes.CDLL(None, use_errno=True)
        code = open(sys.argv[1], "rb").read()

        class Program(ctypes.Structure):
            _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]

        def can(what, call):
            try:
                result = call()
                failed = isinstance(result, int) and result < 0
                number = ctypes.get_errno() if failed else 0
            except OSError as error:
                number = error.errno
            print(what, errno.errorcode.get(number, "works"), flush=True)

        def fork():
            child = os.fork()
            if child == 0: os._exit(0)
            os.waitpid(child, 0)

        def thread():
            one = threading.Thread(target=lambda: None)
            one.start()
            one.join()

        assert libc.prctl(38, 1, 0, 0, 0) == 0
        assert libc.prctl(22, 2, ctypes.byref(Program(len(code) // 8, code))) == 0
        can("open", lambda: open("/dev/null").close())
        can("thread", thread)
        can("socket", lambda: socket.socket(socket.AF_INET).close())
        can("socketpair", lambda: [end.close() for end in socket.socketpair()])
        can("fork", fork)
        can("kill", lambda: os.kill(os.getpid(), 0))
        can("ptrace", lambda: libc.ptrace(0, 0, 0, 0))
        can("mount", lambda: libc.mount(b"none", b"/tmp", b"tmpfs", 0, None))
        can("unshare", lambda: libc.unshare(0x10000000))
        can("exec", lambda: os.execv("/nowhere", ["x"]))
        if sys.argv[2] == "other":
            # getpid by the convention of 32-bit programs
            page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
            page.write(b"\\xb8\\x14\\0\\0\\0\\xcd\\x80\\xc3")
            ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()
            print("survived")
        """

    private func run(_ processes: SystemCallFilter.Processes, _ more: String = "") async throws -> Command.Result {
        let folder = try TemporaryDirectory()
        try File.write(folder.appending("filter"), SystemCallFilter(processes).bytes)
        return try await Command.python(Self.program, [folder.appending("filter"), more])
    }

    @Test func `what has no business with a call is refused it, and goes on`() async throws {
        let refused = ["socket EPERM", "socketpair EPERM", "ptrace EPERM", "mount EPERM", "unshare EPERM"]
        for (processes, expected) in [
            (.any, ["fork works", "kill works", "exec ENOENT"]),
            (.threads, ["fork EPERM", "kill works", "exec ENOENT"]),
            (.none, ["fork EPERM", "kill EPERM", "exec EPERM"]),
        ] as [(SystemCallFilter.Processes, [String])] {
            let result = try await run(processes)
            let lines = Set(result.output.split(separator: "\n").map(String.init))
            #expect(result.status.isSuccess, "\(result.output)")
            let wanted = Set(["open works", "thread works"] + refused + expected)
            #expect(lines == wanted, "\(processes)")
        }
    }

    #if arch(x86_64)
    @Test func `a call by another convention, whose numbers mean something else, ends the process`() async throws {
        let result = try await run(.none, "other")
        #expect(result.output.contains("open works") && !result.output.contains("survived"), "\(result.output)")
        #expect(!result.status.isSuccess)
    }
    #endif
}
