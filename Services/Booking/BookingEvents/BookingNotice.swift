import Contracts
import EventBus
import Persistence
import ServiceKit
import System

/// What Booking has people told. The text is Vietnamese, for those who read the log; Notification renders the template
/// in the person's own locale.
enum BookingNotice: String {
    case booked = "booking.booked"
    case paymentFailed = "booking.payment-failed"
    case refunded = "booking.refunded"
    /// To who had the tickets.
    case transferred = "booking.transferred"
    /// To who has them now.
    case received = "booking.received"

    /// The request for the notification.
    func request(for booking: Booking, showtime: Showtime) -> NotificationRequested {
        NotificationRequested(
            userID: booking.userID,
            message: message(at: showtime.timeOfDay),
            template: rawValue,
            data: [
                "booking_id": booking.id.description,
                "showtime_id": booking.showtimeID.description,
                "time": showtime.timeOfDay,
                "date": showtime.localDate,
                "seats": booking.seats.joined(separator: ", "),
                "amount": String(booking.amount),
                "currency": booking.currency,
            ]
        )
    }

    private func message(at time: String) -> String {
        switch self {
        case .booked: "Vé của bạn cho suất \(time) đã được đặt thành công!"
        case .paymentFailed: "Thanh toán cho suất \(time) không thành công. Vui lòng thử lại."
        case .refunded: "Tiền vé suất \(time) của bạn đã được hoàn lại."
        case .transferred: "Vé suất \(time) của bạn đã được chuyển cho người khác."
        case .received: "Bạn đã nhận vé cho suất \(time)."
        }
    }
}

extension Transaction {
    /// Has the owner of a booking told, unless the account is gone.
    borrowing func tell(
        _ notice: BookingNotice,
        about booking: Booking,
        showtime: Showtime,
        at now: Timestamp,
        cause: EventCause? = nil
    ) throws {
        guard try !connection.isErased(booking.userID) else { return }
        try publish(notice.request(for: booking, showtime: showtime), at: now, cause: cause, source: "/booking")
    }
}
