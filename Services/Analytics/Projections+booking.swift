import Contracts
import EventBus
import Persistence
import System

extension Projections {
    static let requested: Projection = { delivery, _, tally, _ in
        let request: TicketRequested = try delivery.event.decode()
        tally.keep(movie: "\(request.movieID)", of: "\(request.showtimeID)")
    }

    static let booked: Projection = { delivery, generation, tally, transaction in
        let time = delivery.event.time
        let ticket: TicketBooked = try delivery.event.decode()
        let (showtime, seats) = ("\(ticket.showtimeID)", Int64(ticket.seats.count))
        tally.keep(movie: "\(ticket.movieID)", of: showtime)
        let sale = Standing(time: time, quantity: seats, amount: ticket.amount)
        try transaction.keep(sale, as: standingID("ticket", ticket.bookingID), generation)
        tally.add(seats, to: .ticketsSold, at: time, (.showtime, showtime))
        tally.add(ticket.amount, ticket.currency, to: .revenue, at: time, (.showtime, showtime))
        tally.count("booked", seats, of: showtime)
        tally.count("revenue", ticket.amount, of: showtime)
    }

    /// Takes a sale back where it was counted. A lock that was cancelled had not been sold.
    static let cancelled: Projection = { delivery, generation, tally, transaction in
        let ticket: TicketCancelled = try delivery.event.decode()
        let (showtime, seats) = ("\(ticket.showtimeID)", Int64(ticket.seats.count))
        tally.count("cancelled", seats, of: showtime)
        let id = standingID("ticket", ticket.bookingID)
        guard let sale = try transaction.take(id, generation) else { return }
        tally.add(-sale.quantity, to: .ticketsSold, at: sale.time, (.showtime, showtime))
        tally.add(-sale.amount, ticket.currency, to: .revenue, at: sale.time, (.showtime, showtime))
        tally.add(sale.quantity, to: .ticketsCancelled, at: delivery.event.time, (.showtime, showtime))
    }

    static let expired: Projection = { delivery, _, tally, _ in
        let ticket: TicketExpired = try delivery.event.decode()
        let (showtime, seats) = ("\(ticket.showtimeID)", Int64(ticket.seats.count))
        tally.add(seats, to: .lockExpiries, at: delivery.event.time, (.showtime, showtime))
        tally.count("expired", seats, of: showtime)
    }

    static let checkedIn: Projection = { delivery, _, tally, _ in
        let ticket: TicketCheckedIn = try delivery.event.decode()
        let (showtime, seats) = ("\(ticket.showtimeID)", Int64(ticket.seats.count))
        tally.add(seats, to: .ticketsCheckedIn, at: delivery.event.time, (.showtime, showtime))
        tally.count("checked_in", seats, of: showtime)
    }

    static let ticketCounts: Projection = { delivery, generation, tally, transaction in
        let report: TicketCountsReported = try delivery.event.decode()
        let showtime = "\(report.showtimeID)"
        let reported = [
            "booked": report.booked, "cancelled": report.cancelled, "expired": report.expired,
            "checked_in": report.checkedIn, "revenue": report.revenue,
        ]
        try transaction.count(tally.takeCounted(of: showtime), of: showtime, generation)
        try transaction.reconcile(reported, of: showtime, kind: "tickets", delivery, generation)
    }

    static let locked: Projection = { delivery, _, tally, _ in
        let change: SeatLocked = try delivery.event.decode()
        let number = Int64(change.seats.count)
        tally.add(number, to: .seatLocks, at: delivery.event.time, (.showtime, "\(change.showtimeID)"))
    }

    static let rejected: Projection = { delivery, _, tally, _ in
        let change: SeatRejected = try delivery.event.decode()
        let number = Int64(change.seats.count)
        tally.add(number, to: .seatRejections, at: delivery.event.time, (.showtime, "\(change.showtimeID)"))
    }

    static func payment<Name>(_ type: Payment<Name>.Type) -> Projection {
        { delivery, _, tally, _ in
            let payment = try delivery.event.decode(type)
            let status = payment.verdict == .late ? "\(payment.status)_late" : payment.status
            let showtime = "\(payment.showtimeID)"
            tally.add(1, to: .payments, at: delivery.event.time, (.status, status), (.showtime, showtime))
        }
    }

    // MARK: Likes and comments

    static let liked: Projection = { delivery, generation, tally, transaction in
        let time = delivery.event.time
        let like: LikeAdded = try delivery.event.decode()
        let target = "\(like.targetID)"
        tally.count("added", 1, of: target)
        let id = standingID("like", like.targetID, like.userID)
        try transaction.keep(Standing(time: time), as: id, generation)
        tally.add(1, to: .likes, at: time, (.target, target), (.targetType, like.targetType.rawValue))
    }

    static let unliked: Projection = { delivery, generation, tally, transaction in
        let like: LikeRemoved = try delivery.event.decode()
        let target = "\(like.targetID)"
        tally.count("removed", 1, of: target)
        let id = standingID("like", like.targetID, like.userID)
        guard let added = try transaction.take(id, generation) else { return }
        tally.add(-1, to: .likes, at: added.time, (.target, target), (.targetType, like.targetType.rawValue))
    }

    static let likeCounts: Projection = { delivery, generation, tally, transaction in
        let report: LikeCountsReported = try delivery.event.decode()
        let target = "\(report.targetID)"
        let reported = ["added": report.added, "removed": report.removed]
        try transaction.count(tally.takeCounted(of: target), of: target, generation)
        try transaction.reconcile(reported, of: target, kind: "likes", delivery, generation)
    }

    static let commented: Projection = { delivery, generation, tally, transaction in
        let time = delivery.event.time
        let comment: CommentAdded = try delivery.event.decode()
        let target = "\(comment.targetID)"
        try transaction.keep(Standing(time: time), as: standingID("comment", comment.commentID), generation)
        tally.add(1, to: .comments, at: time, (.target, target), (.targetType, comment.targetType.rawValue))
    }

    static let uncommented: Projection = { delivery, generation, tally, transaction in
        let comment: CommentDeleted = try delivery.event.decode()
        let id = standingID("comment", comment.commentID)
        guard let added = try transaction.take(id, generation) else { return }
        let type = comment.targetType.rawValue
        tally.add(-1, to: .comments, at: added.time, (.target, "\(comment.targetID)"), (.targetType, type))
    }
}
