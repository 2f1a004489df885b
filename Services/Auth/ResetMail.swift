import Mailing

/// The mail with the secret that sets a password. It greets nobody by name: whoever signs up with another's address must
/// not write to them through us.
struct ResetMail {
    let token: String
    let publicURL: String
    /// BCP 47.
    let locale: String

    /// In the fragment, which no server and no other site is told.
    private var link: String { "\(publicURL)/#reset-password=\(token)" }

    func mail(to address: String) -> SecretMail {
        let isVietnamese = locale.hasPrefix("vi")
        let minutes = PasswordRecovery.lifeSeconds / 60
        let english = """
            Hello,

            somebody asked to set a new password for your Marquee account. If it was you, open this address within \
            \(minutes) minutes:

            \(link)

            If it was not you, do nothing: your password stays as it is.

            """
        let vietnamese = """
            Xin chào,

            Có người vừa yêu cầu đặt lại mật khẩu cho tài khoản Marquee của bạn. Nếu là bạn, hãy mở địa chỉ sau trong \
            vòng \(minutes) phút:

            \(link)

            Nếu không phải bạn, bạn không cần làm gì: mật khẩu của bạn vẫn như cũ.

            """
        return SecretMail(
            name: "",
            address: address,
            subject: isVietnamese ? "Đặt lại mật khẩu" : "Set a new password",
            text: isVietnamese ? vietnamese : english,
            language: isVietnamese ? "vi" : "en"
        )
    }
}
