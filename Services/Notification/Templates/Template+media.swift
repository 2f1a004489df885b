extension Template {
    /// What a person is told of uploads.
    static let mediaTexts: [String: Texts] = [
        "media.processed": Texts(
            vi: Words("{kind:Terms} của bạn đã sẵn sàng.", subject: "Đã xử lý xong"),
            en: Words("Your {kind:terms} is ready.", subject: "Your {kind:terms} is ready")
        ),
        "media.failed": Texts(
            vi: Words("Không xử lý được tệp bạn đã tải lên: {reason:terms}.", subject: "Không xử lý được"),
            en: Words("Your upload could not be processed: {reason:terms}.", subject: "Your upload failed")
        ),
        "batch.completed": Texts(
            vi: Words(
                "Lô {total} tệp của bạn: {ready} tệp đã sẵn sàng{failed||, 1 tệp lỗi|, # tệp lỗi}{reasons:(terms)}.",
                subject: "Lô tệp đã xử lý xong"
            ),
            en: Words(
                "Your batch of {total}: {ready} ready{failed||, 1 failed|, # failed}{reasons:(terms)}.",
                subject: "Your batch is complete"
            )
        ),
        "batch.failed": Texts(
            vi: Words(
                "Lô {total} tệp của bạn không xử lý được{reasons:(terms)}.",
                subject: "Lô tệp không xử lý được"
            ),
            en: Words(
                "Your batch of {total} could not be processed{reasons:(terms)}.",
                subject: "Your batch failed"
            )
        ),
    ]
}
