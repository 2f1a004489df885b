/// The texts of notifications in each locale. `{name}` is filled in from the data, escaped in HTML; what is missing is
/// left out. A mail's links are ours: none comes from data.
struct Template: Sendable {
    /// The text of the in-app inbox.
    let message: String
    /// The mail; nil when the channel is in-app only.
    let mail: Mail?
    /// Whether preferences do not apply: what concerns the account's safety.
    let isCritical: Bool

    struct Mail: Sendable {
        let subject: String
        let body: String
    }

    /// A mail with everything filled in.
    struct RenderedMail: Sendable, Equatable {
        let subject: String
        let text: String
        let html: String
    }

    /// The in-app text with the data filled in.
    func renderMessage(_ data: [String: String]) -> String { Self.fill(message, data) }

    /// The mail with the data filled in; nil without a mail.
    func renderMail(_ data: [String: String]) -> RenderedMail? {
        guard let mail else { return nil }
        let paragraphs = Self.fill(mail.body, data.mapValues(Self.escaped)).split(separator: "\n\n")
            .map { "<p>\($0)</p>" }
        return RenderedMail(
            subject: Self.fill(mail.subject, data.mapValues(Self.oneLine)),
            text: Self.fill(mail.body, data) + "\n",
            html: "<!doctype html><html><body>\(paragraphs.joined())</body></html>"
        )
    }

    private static func fill(_ text: String, _ data: [String: String]) -> String {
        var result = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            result += rest[..<open]
            result += data[String(rest[rest.index(after: open)..<close])] ?? ""
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }

    private static func oneLine(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? " " : $0 }))
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.append(character)
            }
        }
        return result
    }
}

extension Template {
    /// The template of that name in a locale; nil for a name that is not known.
    static func named(_ name: String, in locale: Locale) -> Template? {
        guard let texts = all[name] else { return nil }
        let (message, subject, body) = locale == .vietnamese ? texts.vi : texts.en
        return Template(
            message: message,
            mail: Mail(subject: subject, body: body),
            isCritical: name.hasPrefix("security.")
        )
    }

    private typealias Text = (message: String, subject: String, body: String)

    private static let all: [String: (vi: Text, en: Text)] = [
        "account.welcome": (
            vi: (
                "Chào mừng bạn đến với Marquee!", "Chào mừng bạn đến với Marquee",
                "Xin chào {name},\n\nTài khoản của bạn đã sẵn sàng. Chúc bạn xem phim vui vẻ!"
            ),
            en: (
                "Welcome to Marquee!", "Welcome to Marquee",
                "Hello {name},\n\nYour account is ready. Enjoy the films!"
            )
        ),
        "booking.booked": (
            vi: (
                "Vé của bạn cho suất {time} đã được đặt thành công!", "Vé của bạn cho suất {time}",
                "Xin chào {name},\n\nVé của bạn cho suất {time} ngày {date} đã được đặt thành công!\n\nGhế: {seats}"
            ),
            en: (
                "Your ticket for the {time} show has been booked!", "Your ticket for the {time} show",
                "Hello {name},\n\nYour ticket for the {time} show on {date} has been booked.\n\nSeats: {seats}"
            )
        ),
        "booking.payment-failed": (
            vi: (
                "Thanh toán cho suất {time} không thành công. Vui lòng thử lại.", "Thanh toán không thành công",
                "Xin chào {name},\n\nThanh toán cho suất {time} ngày {date} không thành công. Vui lòng thử lại."
            ),
            en: (
                "The payment for the {time} show failed. Please try again.", "Your payment failed",
                "Hello {name},\n\nThe payment for the {time} show on {date} failed. Please try again."
            )
        ),
        "booking.refunded": (
            vi: (
                "Tiền vé suất {time} của bạn đã được hoàn lại.", "Hoàn tiền vé",
                "Xin chào {name},\n\nTiền vé suất {time} ngày {date} của bạn đã được hoàn lại: {amount} {currency}."
            ),
            en: (
                "Your ticket for the {time} show has been refunded.", "Your refund",
                "Hello {name},\n\nYour ticket for the {time} show on {date} has been refunded: {amount} {currency}."
            )
        ),
        "booking.transferred": (
            vi: (
                "Vé suất {time} của bạn đã được chuyển cho người khác.", "Vé đã được chuyển",
                "Xin chào {name},\n\nVé suất {time} ngày {date} của bạn đã được chuyển cho người khác.\n\nGhế: {seats}"
            ),
            en: (
                "Your ticket for the {time} show went to another person.", "Your ticket has been transferred",
                "Hello {name},\n\nYour ticket for the {time} show on {date} went to another person.\n\nSeats: {seats}"
            )
        ),
        "booking.received": (
            vi: (
                "Bạn đã nhận vé cho suất {time}.", "Bạn đã nhận vé",
                "Xin chào {name},\n\nBạn đã nhận vé cho suất {time} ngày {date}.\n\nGhế: {seats}"
            ),
            en: (
                "You have received a ticket for the {time} show.", "You have received a ticket",
                "Hello {name},\n\nYou have received a ticket for the {time} show on {date}.\n\nSeats: {seats}"
            )
        ),
        "security.password-changed": (
            vi: (
                "Mật khẩu của bạn vừa được thay đổi.", "Mật khẩu của bạn vừa được thay đổi",
                "Xin chào {name},\n\nMật khẩu của bạn vừa được thay đổi. Nếu không phải bạn, hãy đặt lại mật khẩu ngay."
            ),
            en: (
                "Your password has been changed.", "Your password has been changed",
                "Hello {name},\n\nYour password has been changed. If this was not you, reset it at once."
            )
        ),
        "security.new-device": (
            vi: (
                "Tài khoản của bạn vừa đăng nhập từ một thiết bị mới: {device}.", "Đăng nhập từ thiết bị mới",
                "Xin chào {name},\n\nTài khoản của bạn vừa đăng nhập từ một thiết bị mới.\n\nThiết bị: {device}\nMạng: "
                    + "{network}\nThời gian: {time}\n\nNếu không phải bạn, hãy kết thúc phiên đó và đổi mật khẩu ngay."
            ),
            en: (
                "Your account was used from a new device: {device}.", "Log-in from a new device",
                "Hello {name},\n\nThere was a log-in to your account from a new device.\n\nDevice: {device}\nNetwork: "
                    + "{network}\nTime: {time}\n\nIf this was not you, end that session and change your password at once."
            )
        ),
        "security.account-locked": (
            vi: (
                "Tài khoản của bạn tạm khóa vì nhiều lần đăng nhập sai.", "Cảnh báo bảo mật",
                "Xin chào {name},\n\nTài khoản của bạn tạm khóa vì nhiều lần đăng nhập sai."
            ),
            en: (
                "Your account is locked for a while after failed log-ins.", "Security alert",
                "Hello {name},\n\nYour account is locked for a while after several failed log-ins."
            )
        ),
        "security.session-reused": (
            vi: (
                "Chúng tôi đã kết thúc một phiên đăng nhập đáng ngờ.", "Cảnh báo bảo mật",
                "Xin chào {name},\n\nMột phiên đăng nhập của bạn đã bị dùng lại ở nơi khác và đã được kết thúc."
            ),
            en: (
                "We ended a suspicious session.", "Security alert",
                "Hello {name},\n\nOne of your sessions was used from elsewhere and has been ended."
            )
        ),
    ]
}
