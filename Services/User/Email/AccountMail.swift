import Mailing

/// What User itself writes to people: mails with a secret, and mails to addresses that only User knows. They greet nobody
/// by name, since a stranger may have made the name up to write to the address's owner.
enum AccountMail {
    /// Says where to confirm an address that somebody signed up with.
    case verification(link: String, secret: String)
    /// Says where to confirm an address that an account shall change to.
    case change(link: String, secret: String)
    /// Tells the present address that a change was asked for.
    case changeRequested(to: String)
    /// Tells the former address that it is one no longer.
    case changed(to: String)
    /// Tells somebody with an account that another account was to get the address.
    case taken

    /// The mail in a language.
    func message(to email: EmailAddress, in locale: Locale) -> SecretMail {
        let (subject, body) = locale == .vi ? vietnamese : english
        let greeting = locale == .vi ? "Xin chào," : "Hello,"
        return SecretMail(
            name: "",
            address: email.text,
            subject: subject,
            text: "\(greeting)\n\n\(body)\n",
            language: locale.rawValue
        )
    }

    private var vietnamese: (subject: String, body: String) {
        switch self {
        case .verification(let link, let secret):
            (
                "Xác nhận địa chỉ e-mail của bạn",
                """
                Có người đã đăng ký Marquee bằng địa chỉ này. Nếu là bạn, hãy mở liên kết sau để xác nhận. Liên kết dùng
                được một lần, trong 24 giờ:

                \(link)

                Mã xác nhận: \(secret)

                Nếu không phải bạn, hãy bỏ qua thư này.
                """
            )
        case .change(let link, let secret):
            (
                "Xác nhận địa chỉ e-mail mới",
                """
                Một tài khoản Marquee muốn dùng địa chỉ này. Nếu là bạn, hãy mở liên kết sau để xác nhận. Liên kết dùng
                được một lần, trong 24 giờ:

                \(link)

                Mã xác nhận: \(secret)

                Nếu không phải bạn, hãy bỏ qua thư này.
                """
            )
        case .changeRequested(let address):
            (
                "Yêu cầu đổi địa chỉ e-mail",
                """
                Có yêu cầu đổi địa chỉ e-mail của tài khoản Marquee của bạn thành \(address). Địa chỉ chỉ đổi khi được
                xác nhận từ hộp thư mới.

                Nếu không phải bạn, hãy đổi mật khẩu ngay.
                """
            )
        case .changed(let address):
            (
                "Địa chỉ e-mail của bạn đã được đổi",
                """
                Địa chỉ e-mail của tài khoản Marquee của bạn đã được đổi thành \(address). Từ nay chúng tôi không gửi thư
                về tài khoản đó đến đây nữa.

                Nếu không phải bạn, hãy liên hệ với chúng tôi ngay.
                """
            )
        case .taken:
            (
                "Địa chỉ này đã có tài khoản",
                """
                Có người muốn dùng địa chỉ này cho một tài khoản Marquee khác, nhưng nó đã thuộc về tài khoản của bạn.
                Không có gì thay đổi.
                """
            )
        }
    }

    private var english: (subject: String, body: String) {
        switch self {
        case .verification(let link, let secret):
            (
                "Confirm your e-mail address",
                """
                Somebody signed up to Marquee with this address. If it was you, open this link to confirm it. It works once,
                within 24 hours:

                \(link)

                The code: \(secret)

                If it was not you, ignore this mail.
                """
            )
        case .change(let link, let secret):
            (
                "Confirm your new e-mail address",
                """
                A Marquee account is to use this address. If it is yours, open this link to confirm it. It works once,
                within 24 hours:

                \(link)

                The code: \(secret)

                If it is not, ignore this mail.
                """
            )
        case .changeRequested(let address):
            (
                "A change of your e-mail address",
                """
                Somebody asked to change the e-mail address of your Marquee account to \(address). It changes only once it
                is confirmed from the new mailbox.

                If this was not you, change your password at once.
                """
            )
        case .changed(let address):
            (
                "Your e-mail address has been changed",
                """
                The e-mail address of your Marquee account is now \(address). We write about the account to this address no
                longer.

                If this was not you, get in touch with us at once.
                """
            )
        case .taken:
            (
                "This address has an account",
                """
                Somebody wanted to use this address for another Marquee account; it belongs to yours. Nothing has changed.
                """
            )
        }
    }
}
