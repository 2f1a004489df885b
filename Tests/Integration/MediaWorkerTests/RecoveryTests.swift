import Contracts
import EventBus
import System
import TestSupport
import Testing

@Suite struct RecoveryTests {
    @Test func `a job of a killed worker is done by the next, under the same id`() async throws {
        let (rig, files) = (try await MediaWorkerRig(), try SampleFiles())
        let film = try await files.film("film.mp4", size: "1280x720", seconds: 8)
        let first = try await rig.worker()
        let job = try await rig.submit(film, as: "video/mp4")
        try await eventually("the job is under way") { try !rig.leftovers().isEmpty }
        try await first.kill()
        #expect(rig.results(of: job).isEmpty)
        let second = try await rig.worker()
        let result = try await rig.finished(job, within: 120)
        #expect(result.jobID == job.id)
        #expect(try rig.leftovers() == [], "what the killed worker left is gone")
        #expect(try await second.stop() == .exited(0))
        let id = try #require(rig.results(of: job).first?.id)

        // A log that is read again, as after a lost place: the same id, for Media to drop.
        _ = try await rig.worker()
        try await rig.send(job)
        try await eventually("the result comes again", within: 120) { rig.results(of: job).count == 2 }
        #expect(rig.results(of: job).map(\.id) == [id, id])
    }

    @Test func `a stop in the middle of a film is quick and leaves the job to the next`() async throws {
        let (rig, files) = (try await MediaWorkerRig(), try SampleFiles())
        let film = try await files.film("film.mp4", size: "1280x720", seconds: 8)
        let first = try await rig.worker(["SHUTDOWN_SECONDS": "5"])
        let job = try await rig.submit(film, as: "video/mp4")
        try await eventually("the job is under way") { try !rig.leftovers().isEmpty }
        let start = MonotonicClock.nanoseconds
        #expect(try await first.stop() == .exited(0))
        #expect(MonotonicClock.nanoseconds - start < 5_000_000_000)
        #expect(rig.results(of: job).isEmpty)
        _ = try await rig.worker()
        #expect(try await rig.finished(job, within: 120).kind == .video)
    }

    @Test func `two workers share the jobs, and one takes over when the other dies`() async throws {
        let (rig, files) = (try await MediaWorkerRig(), try SampleFiles())
        let (one, two) = (try await rig.worker(), try await rig.worker())
        let photo = try await files.picture("photo.jpg", size: "1200x900")
        var jobs: [Event] = []
        for _ in 0..<24 { jobs.append(try await rig.submit(photo, as: "image/jpeg")) }
        for job in jobs { _ = try await rig.finished(job) }
        try await eventually("both have worked") {
            let (first, second) = (try await finishedJobs(one), try await finishedJobs(two))
            return first > 0 && second > 0
        }
        try await one.kill()
        var more: [Event] = []
        for _ in 0..<24 { more.append(try await rig.submit(photo, as: "image/jpeg")) }
        for job in more { _ = try await rig.finished(job) }
        for job in jobs + more { #expect(Set(rig.results(of: job).map(\.id)).count == 1) }
    }

    @Test func `however often two workers are killed, every job ends, and in one way`() async throws {
        let (rig, files) = (try await MediaWorkerRig(), try SampleFiles())
        var workers = [try await rig.worker(), try await rig.worker()]
        let photo = try await files.picture("photo.jpg", size: "1200x900")
        let broken = try files.cut(photo, to: 5000)
        var jobs: [(event: Event, isGood: Bool)] = []
        for round in 0..<4 {
            for number in 0..<12 {
                let isGood = number % 6 != 0
                jobs.append((try await rig.submit(isGood ? photo : broken, as: "image/jpeg"), isGood))
            }
            try await eventually("some of the round is done") {
                jobs.suffix(12).contains { !rig.results(of: $0.event).isEmpty }
            }
            try await workers[round % 2].kill()
            workers[round % 2] = try rig.start()
        }
        for job in jobs {
            if job.isGood {
                _ = try await rig.finished(job.event, within: 90)
            } else {
                #expect(try await rig.failure(job.event, within: 90) == "damaged")
            }
        }
        for worker in workers { try await worker.waitUntilReady(within: 30) }
        for job in jobs { #expect(Set(rig.results(of: job.event).map(\.id)).count == 1) }
        #expect(try rig.leftovers() == [])
    }

    @Test func `a job that cannot be read is a dead letter, and the next is done`() async throws {
        let (rig, files) = (try await MediaWorkerRig(), try SampleFiles())
        _ = try await rig.worker()
        let id = Identifier.version7(at: WallClock.system.now)
        let headers = [
            "ce_specversion=1.0", "ce_id=\(id)", "ce_source=/media", "ce_type=media.uploaded",
            "ce_time=2025-03-19T10:00:00Z", "content-type=application/json",
        ]
        let record = try files.text("\(id)|{\"media_id\":7}\n", named: "record")
        let broker = ["-b", "127.0.0.1:\(rig.broker.port)", "-q"]
        let sent = try await Command.run(
            "kcat",
            broker + ["-P", "-t", "media-events", "-K", "|", "-l", record] + headers.flatMap { ["-H", $0] }
        )
        try #require(sent.status.isSuccess, "\(sent.output)")
        let letter = try await eventually("the dead letter", within: 30) {
            let read = ["-C", "-e", "-t", "media-events.media-worker.dlq", "-o", "beginning", "-f", "%k %h %s\n"]
            let output = try await Command.run("kcat", broker + read).output
            return output.contains("\(id)") ? output : nil
        }
        #expect(letter.contains("dlq.topic=media-events") && letter.contains(#"{"media_id":7}"#), "\(letter)")
        let photo = try await files.picture("photo.jpg")
        _ = try await rig.finished(try await rig.submit(photo, as: "image/jpeg"))
    }

    private func finishedJobs(_ worker: ServiceProcess) async throws -> Int {
        let metrics = try await Command.run("curl", ["-sS", "\(worker.url)/metrics"]).output
        let line = metrics.split(separator: "\n").first { $0.hasPrefix("media_jobs_total") && $0.contains("finished") }
        return line.flatMap { $0.split(separator: " ").last }.flatMap { Double($0) }.map { Int($0) } ?? 0
    }
}
