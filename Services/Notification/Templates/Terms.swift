/// Codes in the words of each language.
enum Terms {
    /// The word for a code; the code itself when there is none.
    static func word(_ code: some StringProtocol, in locale: Locale) -> String {
        guard let words = all[String(code)] else { return String(code) }
        return locale == .vietnamese ? words.vi : words.en
    }

    /// Who is meant when a name is not known.
    static func someone(in locale: Locale) -> String { locale == .vietnamese ? "Ai đó" : "Someone" }

    static let all: [String: (vi: String, en: String)] = [
        "media": ("ảnh", "photo"),
        "image": ("ảnh", "photo"),
        "video": ("video", "video"),
        "comment": ("bình luận", "comment"),
        // Why a file could not be taken or processed.
        "unsupported_type": ("định dạng không được hỗ trợ", "unsupported format"),
        "damaged": ("tệp bị hỏng", "damaged file"),
        "too_many_pixels": ("kích thước ảnh quá lớn", "too many pixels"),
        "too_many_frames": ("quá nhiều khung hình", "too many frames"),
        "too_long": ("quá dài", "too long"),
        "too_large": ("dung lượng quá lớn", "too large"),
        "timed_out": ("xử lý quá lâu", "processing took too long"),
        "out_of_memory": ("cần quá nhiều bộ nhớ", "needs too much memory"),
        "sandbox_unavailable": ("tạm thời không xử lý được", "cannot be processed at the moment"),
        "internal": ("lỗi hệ thống", "an error on our side"),
        "incomplete": ("tải lên chưa xong", "incomplete upload"),
        "digest_mismatch": ("nội dung sai lệch", "content differs from what was announced"),
        "lost": ("dữ liệu bị mất", "lost data"),
        "quota_exceeded": ("hết dung lượng lưu trữ", "no storage left"),
        "refused": ("không được phép tải lên", "uploads not allowed"),
        "nothing_ready": ("không có tệp nào dùng được", "no usable file"),
        "deleted": ("đã bị xóa", "deleted"),
    ]
}
