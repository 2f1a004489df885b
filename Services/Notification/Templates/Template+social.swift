extension Template {
    /// What a person is told of what others did. `{actor}` is filled in when it is read.
    static let socialTexts: [String: Texts] = [
        "like.added": Texts(
            vi: Words(
                "{actor}{others|| và 1 người khác| và # người khác} đã thích {target:terms} của bạn.",
                subject: "Lượt thích mới"
            ),
            en: Words(
                "{actor}{others|| and 1 other| and # others} liked your {target:terms}.",
                subject: "New likes"
            )
        ),
        "comment.added": Texts(
            vi: Words("{actor} đã bình luận về {target:terms} của bạn.", subject: "Bình luận mới"),
            en: Words("{actor} commented on your {target:terms}.", subject: "New comment")
        ),
        "comment.replied": Texts(
            vi: Words("{actor} đã trả lời bình luận của bạn.", subject: "Trả lời mới"),
            en: Words("{actor} replied to your comment.", subject: "New reply")
        ),
        "comment.mentioned": Texts(
            vi: Words("{actor} đã nhắc đến bạn trong một bình luận.", subject: "Bạn được nhắc đến"),
            en: Words("{actor} mentioned you in a comment.", subject: "You were mentioned")
        ),
        "chat.direct": Texts(
            vi: Words("{actor} đã nhắn tin cho bạn.", subject: "Tin nhắn mới"),
            en: Words("{actor} sent you a message.", subject: "New message")
        ),
        "chat.mentioned": Texts(
            vi: Words("{actor} đã nhắc đến bạn trong cuộc trò chuyện{place}.", subject: "Bạn được nhắc đến"),
            en: Words("{actor} mentioned you in a chat{place}.", subject: "You were mentioned")
        ),
        "chat.group": Texts(
            vi: Words("{actor} đã nhắn tin trong nhóm{place}.", subject: "Tin nhắn mới"),
            en: Words("{actor} wrote in your group{place}.", subject: "New message")
        ),
    ]
}
