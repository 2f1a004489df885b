import CVips

/// libvips in this process: which readers it may use, and images that free themselves.
///
/// Rule: one thread.
@safe final class VipsLibrary {
    /// libvips or a function of it is missing.
    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    /// The library refused, with its own words.
    struct Failure: Error {
        let text: String

        var isOutOfMemory: Bool { text.contains("out of memory") || text.contains("unable to allocate") }
    }

    /// The readers that may be used, by the content types they are for; all others are blocked: SVG, PDF, ImageMagick's.
    private static let readers = [
        "image/jpeg": "VipsForeignLoadJpeg", "image/png": "VipsForeignLoadPng", "image/webp": "VipsForeignLoadWebp",
        "image/gif": "VipsForeignLoadNsgif", "image/heic": "VipsForeignLoadHeif", "image/heif": "VipsForeignLoadHeif",
        "image/avif": "VipsForeignLoadHeif",
    ]

    /// The content types of images that can be read.
    static var contentTypes: [String] { readers.keys.sorted() }

    // Allocated once for the life of the process.
    let functions: UnsafeMutablePointer<vips_api>

    /// Opens the library, for one thread an image and without its cache.
    init() throws(Missing) {
        unsafe functions = .allocate(capacity: 1)
        if let missing = unsafe vips_api_open(functions) {
            throw Missing(description: unsafe "\(String(cString: missing)) is missing; libvips-tools has it")
        }
        guard unsafe functions.pointee.`init`("media-worker") == 0 else {
            throw Missing(description: "libvips does not start")
        }
        unsafe functions.pointee.concurrency_set(1)
        unsafe functions.pointee.cache_set_max(0)
        unsafe functions.pointee.operation_block_set("VipsForeignLoad", 1)
        for reader in Set(Self.readers.values) { unsafe functions.pointee.operation_block_set(reader, 0) }
        unsafe vips_api_warm_up(functions, "/dev/null")
    }

    /// Whether the file is what the content type says, by its own first bytes.
    func reads(_ path: String, as contentType: String) -> Bool {
        guard let reader = Self.readers[contentType], let found = unsafe functions.pointee.foreign_find_load(path)
        else {
            return false
        }
        return unsafe String(cString: found).hasPrefix(reader)
    }

    /// The image of a file; only its header is read.
    func header(_ path: String) throws(Failure) -> VipsImage {
        guard let handle = unsafe vips_api_open_file(functions, path) else { throw failure() }
        return unsafe VipsImage(self, handle)
    }

    /// The first image of the file, or with `[n=-1]` behind its path all, scaled into the box, upright, and in sRGB when
    /// it has a profile of its own: without one it is sRGB already.
    func thumbnail(_ path: String, box: Int, hasProfile: Bool) throws(Failure) -> VipsImage {
        unsafe try image { unsafe vips_api_thumbnail(functions, path, &$0, Int32(box), hasProfile ? 1 : 0) }
    }

    /// What an operation makes.
    func image(_ operation: (inout OpaquePointer?) -> Int32) throws(Failure) -> VipsImage {
        var handle: OpaquePointer?
        guard unsafe operation(&handle) == 0, let handle = unsafe handle else { throw failure() }
        return unsafe VipsImage(self, handle)
    }

    func check(_ code: Int32) throws(Failure) {
        if code != 0 { throw failure() }
    }

    func failure() -> Failure {
        Failure(text: unsafe functions.pointee.error_buffer().map { unsafe String(cString: $0) } ?? "")
    }
}

/// An image of libvips: a plan of how to make it, until its pixels are asked for.
@safe final class VipsImage {
    private let vips: VipsLibrary
    private let handle: OpaquePointer

    init(_ vips: VipsLibrary, _ handle: OpaquePointer) {
        self.vips = vips
        unsafe self.handle = handle
    }

    deinit { unsafe vips.functions.pointee.g_object_unref(UnsafeMutableRawPointer(handle)) }

    var width: Int { Int(unsafe vips.functions.pointee.image_get_width(handle)) }
    /// Of one frame.
    var height: Int { Int(unsafe vips.functions.pointee.image_get_page_height(handle)) }
    var frames: Int { Int(unsafe vips.functions.pointee.image_get_n_pages(handle)) }
    /// Whether it brings a description of its colours.
    var hasProfile: Bool { unsafe vips.functions.pointee.image_get_typeof(handle, "icc-profile-data") != 0 }
    /// Whether EXIF says that it lies on its side.
    var isSideways: Bool { unsafe vips.functions.pointee.image_get_orientation(handle) >= 5 }

    /// The same with its pixels made, so that what follows from it does not make them again.
    func rendered() throws(VipsLibrary.Failure) -> VipsImage {
        guard let copy = unsafe vips.functions.pointee.image_copy_memory(handle) else { throw vips.failure() }
        return unsafe VipsImage(vips, copy)
    }

    /// Three bands, or four with transparency, of 8 bits.
    func colours() throws(VipsLibrary.Failure) -> VipsImage {
        unsafe try vips.image { unsafe vips_api_srgb(vips.functions, handle, &$0) }
    }

    /// On white, when it is transparent.
    func opaque() throws(VipsLibrary.Failure) -> VipsImage {
        guard unsafe vips.functions.pointee.image_hasalpha(handle) != 0 else { return self }
        return unsafe try vips.image { unsafe vips_api_flatten(vips.functions, handle, &$0) }
    }

    func shrunk(box: Int) throws(VipsLibrary.Failure) -> VipsImage {
        unsafe try vips.image { unsafe vips_api_shrink(vips.functions, handle, &$0, Int32(box), Int32(box)) }
    }

    func saveJPEG(_ path: String, quality: Int) throws(VipsLibrary.Failure) {
        unsafe try vips.check(vips_api_save_jpeg(vips.functions, handle, path, Int32(quality)))
    }

    func saveWebP(_ path: String, quality: Int, effort: Int) throws(VipsLibrary.Failure) {
        unsafe try vips.check(vips_api_save_webp(vips.functions, handle, path, Int32(quality), Int32(effort)))
    }

    /// Its pixels, three bytes each.
    func pixels() throws(VipsLibrary.Failure) -> [UInt8] {
        var size = 0
        guard let memory = unsafe vips.functions.pointee.image_write_to_memory(handle, &size) else {
            throw vips.failure()
        }
        defer { unsafe vips.functions.pointee.g_free(memory) }
        return unsafe Array(UnsafeRawBufferPointer(start: memory, count: size))
    }
}
