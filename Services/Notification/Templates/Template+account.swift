extension Template {
    /// What a person is told of the account.
    static let accountTexts: [String: Texts] = [
        "account.welcome": Texts(
            vi: Words(
                "Chào mừng bạn đến với Marquee!",
                subject: "Chào mừng bạn đến với Marquee",
                body: """
                    Xin chào {name},

                    Tài khoản của bạn đã sẵn sàng. Chúc bạn xem phim vui vẻ!
                    """
            ),
            en: Words(
                "Welcome to Marquee!",
                subject: "Welcome to Marquee",
                body: """
                    Hello {name},

                    Your account is ready. Enjoy the films!
                    """
            )
        ),
        digest: Texts(
            vi: Words(
                "Bạn có {count} thông báo mới.",
                subject: "Bạn có {count} thông báo mới",
                body: """
                    Xin chào {name},

                    Bạn có {count} thông báo mới:

                    {lines}
                    """
            ),
            en: Words(
                "You have {count} new {count|notifications|notification|notifications}.",
                subject: "You have {count} new {count|notifications|notification|notifications}",
                body: """
                    Hello {name},

                    You have {count} new {count|notifications|notification|notifications}:

                    {lines}
                    """
            )
        ),
    ]
}
