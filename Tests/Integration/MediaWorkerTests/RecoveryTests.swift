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

    private func finishedJobs(_ worker: ServiceProcess) async throws -> Int {
        let metrics = try await Command.run("curl", ["-sS", "\(worker.url)/metrics"]).output
        let line = metrics.split(separator: "\n").first { $0.hasPrefix("media_jobs_total") && $0.contains("finished") }
        return line.flatMap { $0.split(separator: " ").last }.flatMap { Double($0) }.map { Int($0) } ?? 0
    }
}
