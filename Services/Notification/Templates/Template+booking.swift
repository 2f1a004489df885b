extension Template {
    /// What a person is told of tickets.
    static let bookingTexts: [String: Texts] = [
        "booking.booked": Texts(
            vi: Words(
                "Vé của bạn cho suất {time} đã được đặt thành công!",
                subject: "Vé của bạn cho suất {time}",
                body: """
                    Xin chào {name},

                    Vé của bạn cho suất {time} ngày {date} đã được đặt thành công!

                    Ghế: {seats}
                    """
            ),
            en: Words(
                "Your ticket for the {time} show has been booked!",
                subject: "Your ticket for the {time} show",
                body: """
                    Hello {name},

                    Your ticket for the {time} show on {date} has been booked.

                    Seats: {seats}
                    """
            )
        ),
        "booking.payment-failed": Texts(
            vi: Words(
                "Thanh toán cho suất {time} không thành công. Vui lòng thử lại.",
                subject: "Thanh toán không thành công",
                body: """
                    Xin chào {name},

                    Thanh toán cho suất {time} ngày {date} không thành công. Vui lòng thử lại.
                    """
            ),
            en: Words(
                "The payment for the {time} show failed. Please try again.",
                subject: "Your payment failed",
                body: """
                    Hello {name},

                    The payment for the {time} show on {date} failed. Please try again.
                    """
            )
        ),
        "booking.refunded": Texts(
            vi: Words(
                "Tiền vé suất {time} của bạn đã được hoàn lại.",
                subject: "Hoàn tiền vé",
                body: """
                    Xin chào {name},

                    Tiền vé suất {time} ngày {date} của bạn đã được hoàn lại: {amount} {currency}.
                    """
            ),
            en: Words(
                "Your ticket for the {time} show has been refunded.",
                subject: "Your refund",
                body: """
                    Hello {name},

                    Your ticket for the {time} show on {date} has been refunded: {amount} {currency}.
                    """
            )
        ),
        "booking.transferred": Texts(
            vi: Words(
                "Vé suất {time} của bạn đã được chuyển cho người khác.",
                subject: "Vé đã được chuyển",
                body: """
                    Xin chào {name},

                    Vé suất {time} ngày {date} của bạn đã được chuyển cho người khác.

                    Ghế: {seats}
                    """
            ),
            en: Words(
                "Your ticket for the {time} show went to another person.",
                subject: "Your ticket has been transferred",
                body: """
                    Hello {name},

                    Your ticket for the {time} show on {date} went to another person.

                    Seats: {seats}
                    """
            )
        ),
        "booking.received": Texts(
            vi: Words(
                "Bạn đã nhận vé cho suất {time}.",
                subject: "Bạn đã nhận vé",
                body: """
                    Xin chào {name},

                    Bạn đã nhận vé cho suất {time} ngày {date}.

                    Ghế: {seats}
                    """
            ),
            en: Words(
                "You have received a ticket for the {time} show.",
                subject: "You have received a ticket",
                body: """
                    Hello {name},

                    You have received a ticket for the {time} show on {date}.

                    Seats: {seats}
                    """
            )
        ),
    ]
}
