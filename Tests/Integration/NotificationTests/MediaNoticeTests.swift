import Contracts
import EventBus
import System
import TestSupport
import Testing

@Suite(.serialized) struct MediaNoticeTests {
    private let now = WallClock.system.now

    private func item(of owner: Identifier, _ kind: MediaKind, batch: Identifier? = nil) -> MediaProcessed {
        MediaProcessed(
            mediaID: .version7(at: now),
            ownerID: owner,
            visibility: .public,
            kind: kind,
            width: 1,
            height: 1,
            placeholder: "",
            variants: [],
            batchID: batch,
            batchIndex: batch.map { _ in 0 }
        )
    }

    private func failure(of owner: Identifier, batch: Identifier? = nil) -> MediaFailed {
        MediaFailed(mediaID: .version7(at: now), ownerID: owner, reason: .damaged, detail: "x", batchID: batch)
    }

    @Test(arguments: [
        (
            "vi",
            [
                "Không xử lý được tệp bạn đã tải lên: tệp bị hỏng.", "Video của bạn đã sẵn sàng.",
                "Ảnh của bạn đã sẵn sàng.",
            ]
        ),
        ("en", ["Your upload could not be processed: damaged file.", "Your video is ready.", "Your photo is ready."]),
    ])
    func `owners hear once of each item that is ready or failed, and not of those of a batch`(
        locale: String,
        messages: [String]
    ) async throws {
        let rig = try await NotificationRig()
        var service = try await rig.service()
        let owner = Identifier.version7(at: now)
        try await rig.register(owner, email: "ngoc@example.com", locale: locale)
        try await rig.waitForProfile(of: owner)
        let batch = Identifier.version7(at: now)
        let events = [
            try Event(item(of: owner, .image), at: now), try Event(item(of: owner, .image, batch: batch), at: now),
            try Event(item(of: owner, .video), at: now), try Event(failure(of: owner, batch: batch), at: now),
            try Event(failure(of: owner), at: now),
        ]
        for event in events.prefix(3) { try await rig.producer.send(event) }
        try await eventually("both are told", within: 20) { try await rig.messages(of: owner, service).count == 2 }
        try await service.kill()
        for event in events { try await rig.producer.send(event) }
        service = try await rig.service()
        try await eventually("all are told", within: 20) { try await rig.messages(of: owner, service).count == 3 }
        #expect(try await Set(rig.messages(of: owner, service)) == Set(messages))
    }

    @Test(arguments: [
        (
            "vi", "Lô 40 tệp của bạn: 38 tệp đã sẵn sàng, 2 tệp lỗi (quá dài, tệp bị hỏng).",
            "Lô 2 tệp của bạn không xử lý được"
        ),
        (
            "en", "Your batch of 40: 38 ready, 2 failed (too long, damaged file).",
            "Your batch of 2 could not be processed"
        ),
    ])
    func `a batch is told of once, with the reasons of what failed`(locale: String, some: String, none: String)
        async throws
    {
        let rig = try await NotificationRig()
        let service = try await rig.service()
        let owner = Identifier.version7(at: now)
        try await rig.register(owner, email: "ngoc@example.com", locale: locale)
        try await rig.waitForProfile(of: owner)
        let failures = [(3, BatchFailureReason.damaged), (7, .tooLong), (9, .tooLong)].map { index, reason in
            BatchFailure(index: index, name: "a.jpg", reason: reason)
        }
        let completed = BatchCompleted(
            batchID: .version7(at: now),
            ownerID: owner,
            visibility: .public,
            counts: BatchCounts(total: 40, received: 40, ready: 38, failed: 2),
            files: [],
            failures: failures
        )
        let failed = BatchFailed(
            batchID: .version7(at: now),
            ownerID: owner,
            reason: .quotaExceeded,
            counts: BatchCounts(total: 2, received: 0, ready: 0, failed: 0),
            failures: []
        )
        let events = [try Event(completed, at: now), try Event(failed, at: now)]
        for event in events + events { try await rig.producer.send(event) }
        let reason = locale == "vi" ? "hết dung lượng lưu trữ" : "no storage left"
        try await eventually("both are told", within: 20) { try await rig.messages(of: owner, service).count == 2 }
        #expect(try await Set(rig.messages(of: owner, service)) == [some, "\(none) (\(reason))."])
    }
}
