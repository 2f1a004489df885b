extension Template {
    /// What concerns the account's safety.
    static let securityTexts: [String: Texts] = [
        "security.password-changed": Texts(
            vi: Words(
                "Mật khẩu của bạn vừa được thay đổi.",
                subject: "Mật khẩu của bạn vừa được thay đổi",
                body: """
                    Xin chào {name},

                    Mật khẩu của bạn vừa được thay đổi. Nếu không phải bạn, hãy đặt lại mật khẩu ngay.
                    """
            ),
            en: Words(
                "Your password has been changed.",
                subject: "Your password has been changed",
                body: """
                    Hello {name},

                    Your password has been changed. If this was not you, reset it at once.
                    """
            )
        ),
        "security.email-changed": Texts(
            vi: Words(
                "Địa chỉ e-mail của tài khoản vừa được thay đổi.",
                subject: "Địa chỉ e-mail của bạn vừa được thay đổi",
                body: """
                    Xin chào {name},

                    Từ nay tài khoản của bạn dùng địa chỉ e-mail này. Nếu không phải bạn, hãy đổi mật khẩu ngay.
                    """
            ),
            en: Words(
                "The e-mail address of your account has been changed.",
                subject: "Your e-mail address has been changed",
                body: """
                    Hello {name},

                    Your account uses this e-mail address from now on. If this was not you, change your password at once.
                    """
            )
        ),
        "security.new-device": Texts(
            vi: Words(
                "Tài khoản của bạn vừa đăng nhập từ một thiết bị mới: {device}.",
                subject: "Đăng nhập từ thiết bị mới",
                body: """
                    Xin chào {name},

                    Tài khoản của bạn vừa đăng nhập từ một thiết bị mới.

                    Thiết bị: {device}
                    Mạng: {network}
                    Thời gian: {time}

                    Nếu không phải bạn, hãy kết thúc phiên đó và đổi mật khẩu ngay.
                    """
            ),
            en: Words(
                "Your account was used from a new device: {device}.",
                subject: "Log-in from a new device",
                body: """
                    Hello {name},

                    There was a log-in to your account from a new device.

                    Device: {device}
                    Network: {network}
                    Time: {time}

                    If this was not you, end that session and change your password at once.
                    """
            )
        ),
        "security.account-locked": Texts(
            vi: Words(
                "Tài khoản của bạn tạm khóa vì nhiều lần đăng nhập sai.",
                subject: "Cảnh báo bảo mật",
                body: """
                    Xin chào {name},

                    Tài khoản của bạn tạm khóa vì nhiều lần đăng nhập sai.
                    """
            ),
            en: Words(
                "Your account is locked for a while after failed log-ins.",
                subject: "Security alert",
                body: """
                    Hello {name},

                    Your account is locked for a while after several failed log-ins.
                    """
            )
        ),
        "security.session-reused": Texts(
            vi: Words(
                "Chúng tôi đã kết thúc một phiên đăng nhập đáng ngờ.",
                subject: "Cảnh báo bảo mật",
                body: """
                    Xin chào {name},

                    Một phiên đăng nhập của bạn đã bị dùng lại ở nơi khác và đã được kết thúc.
                    """
            ),
            en: Words(
                "We ended a suspicious session.",
                subject: "Security alert",
                body: """
                    Hello {name},

                    One of your sessions was used from elsewhere and has been ended.
                    """
            )
        ),
        "security.mfa-enabled": Texts(
            vi: Words(
                "Xác thực hai lớp đã được bật cho tài khoản của bạn.",
                subject: "Đã bật xác thực hai lớp",
                body: """
                    Xin chào {name},

                    Xác thực hai lớp đã được bật cho tài khoản của bạn.

                    Nếu không phải bạn, hãy đổi mật khẩu ngay.
                    """
            ),
            en: Words(
                "Two-factor authentication is now on for your account.",
                subject: "Two-factor authentication is on",
                body: """
                    Hello {name},

                    Log-ins to your account now need a second factor.

                    If this was not you, change your password at once.
                    """
            )
        ),
        "security.mfa-disabled": Texts(
            vi: Words(
                "Xác thực hai lớp đã bị tắt cho tài khoản của bạn.",
                subject: "Đã tắt xác thực hai lớp",
                body: """
                    Xin chào {name},

                    Xác thực hai lớp đã bị tắt cho tài khoản của bạn.

                    Nếu không phải bạn, hãy đổi mật khẩu ngay.
                    """
            ),
            en: Words(
                "Two-factor authentication is now off for your account.",
                subject: "Two-factor authentication is off",
                body: """
                    Hello {name},

                    Log-ins to your account need no second factor any more.

                    If this was not you, change your password at once.
                    """
            )
        ),
        "security.mfa-removed": Texts(
            vi: Words(
                "Quản trị viên đã tắt xác thực hai lớp cho tài khoản của bạn.",
                subject: "Xác thực hai lớp đã bị gỡ",
                body: """
                    Xin chào {name},

                    Quản trị viên đã tắt xác thực hai lớp cho tài khoản của bạn, vì thiết bị được báo là bị mất.

                    Nếu không phải bạn yêu cầu, hãy đổi mật khẩu ngay và liên hệ với chúng tôi.
                    """
            ),
            en: Words(
                "An administrator has switched two-factor authentication off for your account.",
                subject: "Your second factor was removed",
                body: """
                    Hello {name},

                    An administrator has switched two-factor authentication off for your account, as it was said to be lost.

                    If you did not ask for this, change your password at once and tell us.
                    """
            )
        ),
        "security.recovery-code-used": Texts(
            vi: Words(
                "Một mã khôi phục của bạn vừa được dùng để đăng nhập.",
                subject: "Mã khôi phục vừa được dùng",
                body: """
                    Xin chào {name},

                    Một mã khôi phục của bạn vừa được dùng để đăng nhập và không dùng lại được nữa.

                    Nếu không phải bạn, hãy đổi mật khẩu ngay.
                    """
            ),
            en: Words(
                "One of your recovery codes was used to log in.",
                subject: "A recovery code was used",
                body: """
                    Hello {name},

                    One of your recovery codes was used to log in; it is used up.

                    If this was not you, change your password at once.
                    """
            )
        ),
    ]
}
