import BlobStore
import Contracts
import Reactor
import Security
import System

/// Does the job of one `media.uploaded`: fetches the blob, has the tools make its variants, puts them in the store.
struct MediaProcessor: Sendable {
    /// How far a job is: percent and stage.
    typealias Progress = @Sendable (_ percent: Int, _ stage: String) -> Void

    /// Bytes of an image's original.
    private static let imageSize: Int64 = 256 << 20
    private static let sourceFile = "source"

    let blobs: BlobStore
    let slots: SlotPool
    let workers: WorkerPool
    var imageLimits = ImageLimits()
    var videoLimits = VideoLimits()

    /// What was made on disk, before it is in the store.
    private struct Made: Sendable {
        var kind: MediaKind
        var width: Int
        var height: Int
        var duration: Int64?
        var placeholder: String
        var files: [ImageResult.File]
    }

    /// Does the job and says what came of it.
    ///
    /// - Throws: `JobFailure`; errors of disk and store, which pass.
    func process(_ item: MediaUploaded, job: Identifier, progress: @escaping Progress) async throws -> MediaJobFinished
    {
        let isVideo = VideoTranscoder.reads(item.contentType)
        guard isVideo || VipsLibrary.contentTypes.contains(item.contentType) else {
            throw JobFailure(reason: .unsupportedType, cause: item.contentType)
        }
        guard item.size > 0 else { throw JobFailure(reason: .damaged, cause: "empty") }
        guard item.size <= (isVideo ? VideoLimits.sourceSize : Self.imageSize) else {
            throw JobFailure(reason: .tooLarge)
        }
        guard let digest = ContentDigest(item.sha256) else { throw JobFailure(reason: .damaged, cause: "digest") }
        return try await slots.withSlot { slot in
            try await workers.run { try slot.clear() }
            let made: Made
            do {
                try await blobs.fetch(digest, to: "\(slot.place.input)/\(Self.sourceFile)")
                made = try await workers.run {
                    try isVideo ? video(item, slot, progress) : image(item, slot)
                }
                let variants = try await store(made.files, of: slot)
                try await workers.run { try slot.clear() }
                return result(item, job, made, variants)
            } catch {
                // The cause is what matters; what is left is removed before the next job in any case.
                try? await workers.run { try slot.clear() }
                throw error
            }
        }
    }

    private func result(
        _ item: MediaUploaded,
        _ job: Identifier,
        _ made: Made,
        _ variants: [MediaVariant]
    ) -> MediaJobFinished {
        MediaJobFinished(
            mediaID: item.mediaID,
            jobID: job,
            presetVersion: item.presetVersion,
            kind: made.kind,
            width: made.width,
            height: made.height,
            durationMilliseconds: made.duration,
            placeholder: made.placeholder,
            variants: variants
        )
    }

    private func image(_ item: MediaUploaded, _ slot: JobSlot) throws -> Made {
        let result = try render(Self.sourceFile, item.contentType, Presets.images, Presets.animation, slot)
        return Made(
            kind: .image,
            width: result.width,
            height: result.height,
            placeholder: result.placeholder,
            files: result.files
        )
    }

    private func video(_ item: MediaUploaded, _ slot: JobSlot, _ progress: Progress) throws -> Made {
        let transcoder = try VideoTranscoder(
            slot: slot,
            limits: videoLimits,
            source: Self.sourceFile,
            contentType: item.contentType
        )
        let video = try transcoder.probe()
        let poster = try transcoder.poster(of: video)
        let stills = try render(poster, "image/png", Presets.posters, nil, slot)
        progress(10, "transcoding")
        let films = try transcoder.transcode(video) { progress(10 + Int($0 * 80), "transcoding") }
        return Made(
            kind: .video,
            width: video.width,
            height: video.height,
            duration: Int64(video.seconds * 1000),
            placeholder: stills.placeholder,
            files: stills.files + films
        )
    }

    private func render(
        _ name: String,
        _ contentType: String,
        _ renditions: [ImageJob.Rendition],
        _ animation: ImageJob.Rendition?,
        _ slot: JobSlot
    ) throws -> ImageResult {
        let job = ImageJob(
            input: "\(slot.sandbox.input(slot.place))/\(name)",
            directory: slot.sandbox.output(slot.place),
            contentType: contentType,
            limits: imageLimits,
            renditions: renditions,
            animation: animation
        )
        let result = try slot.render(job)
        let names = Set(renditions.map(\.name) + [animation?.name].compactMap(\.self))
        let isSane =
            BlurHash.isValid(result.placeholder) && result.files.allSatisfy { names.contains($0.name) }
            && Set(result.files.map(\.name)).count == result.files.count && result.files.count >= renditions.count
        guard isSane else { throw JobFailure(reason: .damaged, cause: "a result that was not asked for") }
        return result
    }

    private func store(_ files: [ImageResult.File], of slot: JobSlot) async throws -> [MediaVariant] {
        var variants: [MediaVariant] = []
        for file in files {
            let path = "\(slot.place.output)/\(file.name)"
            let (size, digest) = try await workers.run {
                guard let size = File.regularFileSize(path), try FileSignature.matches(path, file.contentType) else {
                    throw JobFailure(reason: .damaged, cause: "\(file.name) is not what was asked for")
                }
                return (size, try ContentDigest.of(file: path, size: size))
            }
            try await blobs.put(file: path, digest: digest, size: size)
            variants.append(
                MediaVariant(
                    name: file.name,
                    contentType: file.contentType,
                    width: file.width,
                    height: file.height,
                    size: size,
                    sha256: digest.description
                )
            )
        }
        return variants
    }
}

/// Whether a file begins as its content type demands: what a tool made is looked at before it is served to others.
enum FileSignature {
    static func matches(_ path: String, _ contentType: String) throws -> Bool {
        let head = try OpenFile(reading: path).read(at: 0, count: 12)
        guard head.count == 12 else { return false }
        switch contentType {
        case "image/jpeg": return head.starts(with: [0xFF, 0xD8, 0xFF])
        case "image/webp": return head.starts(with: Array("RIFF".utf8)) && Array(head[8...]) == Array("WEBP".utf8)
        case "video/mp4": return Array(head[4..<8]) == Array("ftyp".utf8)
        default: return false
        }
    }
}
