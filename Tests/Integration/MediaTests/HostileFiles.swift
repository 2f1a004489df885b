import System
import TestSupport
import Testing

/// Files as cameras, phones and enemies make them, by ffmpeg, vips and a few lines of Python.
struct HostileFiles {
    /// One of them, and what has to become of it.
    struct File {
        let name: String
        /// What the sender says that it is.
        let declared: String
        /// `refused`, `ready`, or the reason of its failure.
        let outcome: String
        let path: String
    }

    let files: [File]
    private let folder: TemporaryDirectory

    /// All of them, or those alone that nothing is wrong with.
    init(onlyGood: Bool = false) async throws {
        folder = try TemporaryDirectory()
        let made = try await Command.python(Self.program, [folder.path, onlyGood ? "good" : "all"], within: 120)
        try #require(made.status.isSuccess, "\(made.output)")
        let directory = folder
        files = made.output.split(separator: "\n").map { line in
            let words = line.split(separator: " ").map(String.init)
            return File(name: words[0], declared: words[1], outcome: words[2], path: directory.appending(words[0]))
        }
    }

    private static let program = """
        import os, shutil, struct, subprocess, sys, zlib
        os.chdir(sys.argv[1])

        def run(*words): subprocess.run(words, check=True)
        def ffmpeg(*words): run("ffmpeg", "-nostdin", "-v", "error", "-y", *words)
        def say(name, declared, outcome): print(name, declared, outcome)
        def write(name, data, declared, outcome):
            open(name, "wb").write(data)
            say(name, declared, outcome)
        def read(name): return open(name, "rb").read()
        def segment(kind, data): return b"\\xff" + kind + struct.pack(">H", len(data) + 2) + data
        def chunk(kind, data):
            return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        def png(width, height, depth, *chunks):
            header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0))
            return b"\\x89PNG\\r\\n\\x1a\\n" + header + b"".join(chunks) + chunk(b"IEND", b"")
        def zeros(count):
            packer = zlib.compressobj(4)
            return b"".join(packer.compress(bytes(1 << 20)) for _ in range(count >> 20)) + packer.flush()
        def gif(width, height, frames, *size):
            frame = struct.pack("<BHHHHB", 0x2c, 0, 0, *(size or (1, 1)), 0) + b"\\x02\\x02\\x44\\x01\\x00"
            screen = struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\\x00\\x00\\x00\\xff\\xff\\xff"
            return b"GIF89a" + screen + frame * frames + b";"

        picture = ["-f", "lavfi", "-i", "testsrc2=s=400x300:d=0.04", "-frames:v", "1"]
        ffmpeg(*picture, "plain.jpg")
        ffmpeg(*picture, "plain.png")
        photo = read("plain.jpg")
        gps = struct.pack("<HHHII", 1, 0x0001, 2, 2, 0x4e) + struct.pack("<I", 0)
        ifd = struct.pack("<HHHIIHHII", 2, 0x0112, 3, 1, 6, 0x8825, 4, 1, 38) + struct.pack("<I", 0)
        exif = segment(b"\\xe1", b"Exif\\0\\0" + b"II*\\0" + struct.pack("<I", 8) + ifd + gps)
        write("sideways.jpg", photo[:2] + exif + photo[2:], "image/jpeg", "ready")
        say("plain.png", "video/mp4", "ready")
        ffmpeg(*picture, "plain.webp"); say("plain.webp", "image/webp", "ready")
        run("vips", "copy", "plain.png", "plain.heic"); say("plain.heic", "image/heic", "ready")
        ffmpeg("-f", "lavfi", "-i", "testsrc=s=120x90:r=10", "-frames:v", "12", "moving.gif")
        say("moving.gif", "image/gif", "ready")
        ffmpeg("-f", "lavfi", "-i", "testsrc2=s=320x180:r=25", "-t", "1", "-pix_fmt", "yuv420p", "film.mp4")
        say("film.mp4", "application/octet-stream", "ready")
        if sys.argv[2] == "good": sys.exit()

        write("cut.jpg", photo[:5000], "image/jpeg", "damaged")
        write("cut.png", read("plain.png")[:3000], "image/png", "damaged")
        write("cut.mp4", read("film.mp4")[:5000], "video/mp4", "damaged")
        write("bomb.png", png(30000, 30000, 1, chunk(b"IDAT", zeros(112 << 20))), "image/png", "too_many_pixels")
        small = chunk(b"IDAT", zlib.compress(bytes(9 * 8)))
        write("text-bomb.png", png(8, 8, 8, chunk(b"zTXt", b"x\\0\\0" + zeros(256 << 20)), small), "image/png", "ready")
        write("data-bomb.png", png(8, 8, 8, chunk(b"IDAT", zeros(256 << 20))), "image/png", "ready")
        write("wide.gif", gif(20000, 20000, 1, 20000, 20000), "image/gif", "too_many_pixels")
        write("frames.gif", gif(64, 64, 5000), "image/gif", "too_many_frames")
        colour = "color=s=%s:r=%s"
        ffmpeg("-f", "lavfi", "-i", colour % ("5000x4000", 1), "-frames:v", "1", "-c:v", "png", "wide.mov")
        say("wide.mov", "video/quicktime", "too_many_pixels")
        ffmpeg("-f", "lavfi", "-i", colour % ("16x16", 1), "-t", "700", "-c:v", "mpeg4", "long.mp4")
        say("long.mp4", "video/mp4", "too_long")
        ffmpeg("-f", "lavfi", "-i", colour % ("16x16", 2000), "-t", "40", "-c:v", "mpeg4", "frames.mp4")
        say("frames.mp4", "video/mp4", "too_many_frames")

        script = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
        write("script.svg", script, "image/svg+xml", "refused")
        write("script.png", script, "image/png", "refused")
        write("page.pdf", b"%PDF-1.4\\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj", "image/jpeg", "refused")
        write("script.gif", b"GIF89a/*" + bytes(16) + b"*/=1;alert(1)//", "image/gif", "damaged")
        write("archive.jpg", photo + b"PK\\3\\4" + bytes(26) + b"PK\\5\\6" + bytes(18), "image/jpeg", "ready")
        write("document.jpg", photo[:2] + segment(b"\\xfe", b"%PDF-1.4 SECRET") + photo[2:], "application/pdf", "ready")
        shutil.copy("/bin/true", "program.jpg"); say("program.jpg", "image/jpeg", "refused")
        write("nothing.jpg", b"", "image/jpeg", "refused")
        write("list.mp4", b"#EXTM3U\\n#EXTINF:1,\\nfile:///etc/passwd\\n", "video/mp4", "refused")
        """
}
