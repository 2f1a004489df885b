import System
import TestSupport

/// Files as cameras, phones and enemies make them, made by ffmpeg, vips and a few lines of Python.
struct SampleFiles {
    let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    /// A photo of 400 by 300 that lies on its side by EXIF, with a place in it.
    func sidewaysPhoto() async throws -> String {
        let plain = try await picture("plain.jpg")
        let path = folder.appending("sideways.jpg")
        try await python(Self.addEXIF, plain, path)
        return path
    }

    /// A test picture; the format follows from the name.
    func picture(_ name: String, size: String = "400x300") async throws -> String {
        let path = folder.appending(name)
        try await ffmpeg(["-f", "lavfi", "-i", "testsrc2=s=\(size):d=0.04", "-frames:v", "1", path])
        return path
    }

    /// The same in a format that only vips writes.
    func converted(_ source: String, to name: String) async throws -> String {
        let path = folder.appending(name)
        try await run("vips", ["copy", source, path])
        return path
    }

    func animation(frames: Int) async throws -> String {
        let path = folder.appending("moving.gif")
        try await ffmpeg(["-f", "lavfi", "-i", "testsrc=s=120x90:r=10", "-frames:v", String(frames), path])
        return path
    }

    func film(_ name: String, size: String, seconds: Int) async throws -> String {
        let path = folder.appending(name)
        let sources = ["-f", "lavfi", "-i", "testsrc2=s=\(size):r=25", "-f", "lavfi", "-i", "sine"]
        let place = ["-metadata", "location=+10.7769+106.7009/", "-metadata", "comment=secret"]
        let codecs = name.hasSuffix(".webm") ? ["-c:v", "libvpx", "-c:a", "libvorbis"] : ["-pix_fmt", "yuv420p"]
        try await ffmpeg(sources + ["-t", String(seconds)] + codecs + place + [path])
        return path
    }

    /// The first bytes of a file.
    func cut(_ path: String, to count: Int) throws -> String {
        let cut = folder.appending("cut-\(count)")
        try File.write(cut, Array(try File.read(path).prefix(count)))
        return cut
    }

    /// A PNG of 109 KB that would have 900 million pixels.
    func bomb() async throws -> String {
        let path = folder.appending("bomb.png")
        try await python(Self.makeBomb, path)
        return path
    }

    /// A GIF whose header is a script, with an archive behind it.
    func polyglot() async throws -> String {
        let script = Array("GIF89a/*".utf8) + [UInt8](repeating: 0, count: 16) + Array("*/=1;alert(1)//".utf8)
        let path = folder.appending("polyglot.gif")
        try File.write(path, script + Array("PK\u{3}\u{4}".utf8))
        return path
    }

    func text(_ text: String, named name: String) throws -> String { try folder.write(text, to: name) }

    private func ffmpeg(_ arguments: [String]) async throws {
        try await run("ffmpeg", ["-nostdin", "-v", "error", "-y"] + arguments)
    }

    private func python(_ program: String, _ arguments: String...) async throws {
        let result = try await Command.python(program, arguments)
        guard result.status.isSuccess else { throw Surprise(result.output) }
    }

    private func run(_ tool: String, _ arguments: [String]) async throws {
        let result = try await Command.run(tool, arguments)
        guard result.status.isSuccess else { throw Surprise("\(tool): \(result.output)") }
    }

    /// Orientation 6 and a GPS latitude, as one APP1 segment behind the start of the image.
    private static let addEXIF = """
        import struct, sys
        gps = struct.pack('<HHHII', 1, 0x0001, 2, 2, 0x4e) + struct.pack('<I', 0)
        ifd = struct.pack('<HHHIIHHII', 2, 0x0112, 3, 1, 6, 0x8825, 4, 1, 38) + struct.pack('<I', 0)
        tiff = b'II*\\0' + struct.pack('<I', 8) + ifd + gps
        exif = b'Exif\\0\\0' + tiff
        photo = open(sys.argv[1], 'rb').read()
        segment = b'\\xff\\xe1' + struct.pack('>H', len(exif) + 2) + exif
        open(sys.argv[2], 'wb').write(photo[:2] + segment + photo[2:])
        """

    private static let makeBomb = """
        import struct, sys, zlib
        def chunk(kind, data):
            return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
        packer, row = zlib.compressobj(9), b'\\0' * 3751
        data = b''.join(packer.compress(row) for _ in range(30000)) + packer.flush()
        header = struct.pack('>IIBBBBB', 30000, 30000, 1, 0, 0, 0, 0)
        open(sys.argv[1], 'wb').write(b'\\x89PNG\\r\\n\\x1a\\n' + chunk(b'IHDR', header) + chunk(b'IDAT', data) + chunk(b'IEND', b''))
        """
}
