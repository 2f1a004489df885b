import FoundationEssentials
import System

/// The program of the confined process: it opens libvips once, and forks itself for every image, so that an image costs
/// neither the start of the library nor can it reach the next one, whatever it does to its decoder.
///
/// A line in is an ``ImageJob``; the line out says how the fork ended, which has left its ``ImageResult`` in a file. The fork
/// has no part in the talk, makes no processes, and is limited in time, memory and files.
enum ImageProcess {
    /// The variable that makes this program the confined process: arguments are read from `/proc`, which it does not have.
    static let variable = "MEDIA_WORKER_CONFINED"
    /// Its first line: the library is open.
    static let greeting = "ready"

    private static let openFiles: UInt64 = 64

    /// Serves until the other end closes; the code to exit with.
    static func run() -> Int32 {
        do {
            let library = try VipsLibrary()
            try Process.forbidTracing()
            let filter = SystemCallFilter(.none)
            try LineChannel.inherited.send(greeting)
            while let line = try LineChannel.inherited.receive() {
                let child = try Process.fork()
                if child == 0 { serve(line, library, filter) }
                try LineChannel.inherited.send("\(try Process.wait(for: child))")
            }
            return 0
        } catch let error as SystemError where error.isChannelClosed {
            return 0
        } catch {
            StandardError.write(Array("images: \(error)\n".utf8))
            return 1
        }
    }

    /// One image, in the fork. 1 when it could not even say what went wrong.
    private static func serve(_ line: String, _ library: VipsLibrary, _ filter: SystemCallFilter) -> Never {
        do {
            LineChannel.closeInherited()
            let job = try JSONDecoder().decode(ImageJob.self, from: Data(line.utf8))
            try Process.limit(.processorSeconds(job.limits.processorSeconds))
            try Process.limit(.memory(job.limits.memory))
            try Process.limit(.fileSize(job.limits.fileSize))
            try Process.limit(.openFiles(openFiles))
            try Process.filterSystemCalls(filter)
            let result = ImageRenderer(library: library).render(job)
            let bytes = [UInt8](try JSONEncoder().encode(result))
            try File.write("\(job.directory)/\(ImageJob.resultFile)", bytes)
            Process.exitAtOnce(0)
        } catch {
            StandardError.write(Array("image: \(error)\n".utf8))
            Process.exitAtOnce(1)
        }
    }
}
