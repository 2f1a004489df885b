import CVips
import Contracts
import System

/// Makes the files of an ``ImageJob``, in a confined process: one decoding, from whose largest size the smaller ones are made.
struct ImageRenderer {
    /// Pixels of the box that the placeholder is computed from.
    private static let placeholderBox = 32
    /// Of libwebp, 0 to 6: what is more costs more time than it saves bytes.
    private static let effort = 2
    private static let animationEffort = 0

    let library: VipsLibrary

    /// What came of it; failures are in the result.
    func render(_ job: ImageJob) -> ImageResult {
        guard library.reads(job.input, as: job.contentType) else {
            let known = VipsLibrary.contentTypes.contains(job.contentType)
            return ImageResult(failure: known ? .damaged : .unsupportedType, detail: "no \(job.contentType)")
        }
        do throws(VipsLibrary.Failure) {
            return try made(job)
        } catch {
            return ImageResult(failure: error.isOutOfMemory ? .outOfMemory : .damaged, detail: error.text)
        }
    }

    private func made(_ job: ImageJob) throws(VipsLibrary.Failure) -> ImageResult {
        let header = try library.header(job.input)
        if let failure = Self.refusal(header, job.limits) { return ImageResult(failure: failure) }
        var result = ImageResult(width: header.width, height: header.height)
        if header.isSideways { swap(&result.width, &result.height) }
        let boxes = Set(job.renditions.map(\.box)).sorted(by: >)
        let box = boxes.first ?? Self.placeholderBox
        var image = try library.thumbnail(job.input, box: box, hasProfile: header.hasProfile).colours().rendered()
        for box in boxes {
            if box != boxes.first { image = try image.shrunk(box: box).rendered() }
            let opaque = try image.opaque()
            for rendition in job.renditions where rendition.box == box {
                try save(rendition.format == .jpeg ? opaque : image, as: rendition, job, &result)
            }
        }
        let small = try image.shrunk(box: Self.placeholderBox).opaque().rendered()
        let hash = BlurHash(cosine: vips_api_cosine, power: vips_api_power)
        let pixels = try small.pixels()
        result.placeholder = hash.encode(pixels, width: small.width, height: small.height, bands: 3) ?? ""
        if let animation = job.animation, header.frames > 1 {
            let moving = try library.thumbnail("\(job.input)[n=-1]", box: animation.box, hasProfile: false)
            try save(moving, as: animation, job, &result, effort: Self.animationEffort)
        }
        return result
    }

    private func save(
        _ image: VipsImage,
        as rendition: ImageJob.Rendition,
        _ job: ImageJob,
        _ result: inout ImageResult,
        effort: Int = ImageRenderer.effort
    ) throws(VipsLibrary.Failure) {
        let path = "\(job.directory)/\(rendition.name)"
        switch rendition.format {
        case .jpeg: try image.saveJPEG(path, quality: rendition.quality)
        case .webp: try image.saveWebP(path, quality: rendition.quality, effort: effort)
        }
        let (type, width, height) = (rendition.format.rawValue, image.width, image.height)
        result.files.append(.init(name: rendition.name, contentType: type, width: width, height: height))
    }

    /// Why an image with such a header is not decoded.
    private static func refusal(_ header: VipsImage, _ limits: ImageLimits) -> MediaFailureReason? {
        let pixels = header.width.multipliedReportingOverflow(by: header.height)
        if pixels.overflow || pixels.partialValue > limits.pixels { return .tooManyPixels }
        if header.frames > limits.frames { return .tooManyFrames }
        return pixels.partialValue * max(1, header.frames) > limits.animationPixels ? .tooManyFrames : nil
    }
}
