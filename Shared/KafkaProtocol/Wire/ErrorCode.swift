/// Error codes of the protocol, under Kafka's names. Only codes that Marquee's broker gives or its clients tell apart.
public struct ErrorCode: RawRepresentable, Error, Sendable, Hashable {
    /// The number on the wire.
    public let rawValue: Int16
    /// Wraps a number of the wire.
    public init(rawValue: Int16) { self.rawValue = rawValue }

    /// The broker failed in a way that has no code of its own.
    public static let unknownServerError = ErrorCode(rawValue: -1)
    /// Success.
    public static let none = ErrorCode(rawValue: 0)
    /// The offset is outside of what the partition holds.
    public static let offsetOutOfRange = ErrorCode(rawValue: 1)
    /// A checksum or a length is wrong.
    public static let corruptMessage = ErrorCode(rawValue: 2)
    /// There is no such topic or partition.
    public static let unknownTopicOrPartition = ErrorCode(rawValue: 3)
    /// The partition is about to come into being: ask again.
    public static let leaderNotAvailable = ErrorCode(rawValue: 5)
    /// Another broker, or none, leads the partition now.
    public static let notLeaderOrFollower = ErrorCode(rawValue: 6)
    /// The time given in the request is over.
    public static let requestTimedOut = ErrorCode(rawValue: 7)
    /// The batch is larger than the topic allows.
    public static let messageTooLarge = ErrorCode(rawValue: 10)
    /// The text with a committed offset is too long.
    public static let offsetMetadataTooLarge = ErrorCode(rawValue: 12)
    /// The coordinator is still reading its state.
    public static let coordinatorLoadInProgress = ErrorCode(rawValue: 14)
    /// There is no coordinator now.
    public static let coordinatorNotAvailable = ErrorCode(rawValue: 15)
    /// Another broker coordinates the group.
    public static let notCoordinator = ErrorCode(rawValue: 16)
    /// A name that no topic may have, or an internal one.
    public static let invalidTopic = ErrorCode(rawValue: 17)
    /// The batch is larger than a segment.
    public static let recordListTooLarge = ErrorCode(rawValue: 18)
    /// Acks are none of -1, 0 and 1.
    public static let invalidRequiredAcks = ErrorCode(rawValue: 21)
    /// The generation is not the group's present one.
    public static let illegalGeneration = ErrorCode(rawValue: 22)
    /// The member shares no protocol with the group.
    public static let inconsistentGroupProtocol = ErrorCode(rawValue: 23)
    /// The group id is empty.
    public static let invalidGroupID = ErrorCode(rawValue: 24)
    /// The group has no such member.
    public static let unknownMemberID = ErrorCode(rawValue: 25)
    /// The session timeout is outside of the allowed range.
    public static let invalidSessionTimeout = ErrorCode(rawValue: 26)
    /// The group is rebalancing: join again.
    public static let rebalanceInProgress = ErrorCode(rawValue: 27)
    /// No right to the topic.
    public static let topicAuthorizationFailed = ErrorCode(rawValue: 29)
    /// No right to the group.
    public static let groupAuthorizationFailed = ErrorCode(rawValue: 30)
    /// No right to the cluster.
    public static let clusterAuthorizationFailed = ErrorCode(rawValue: 31)
    /// The mechanism is none that is offered.
    public static let unsupportedSASLMechanism = ErrorCode(rawValue: 33)
    /// An authentication step at the wrong time.
    public static let illegalSASLState = ErrorCode(rawValue: 34)
    /// A version beyond the advertised ones.
    public static let unsupportedVersion = ErrorCode(rawValue: 35)
    /// A topic has that name.
    public static let topicAlreadyExists = ErrorCode(rawValue: 36)
    /// The count of partitions is not possible.
    public static let invalidPartitions = ErrorCode(rawValue: 37)
    /// The replication factor is not possible.
    public static let invalidReplicationFactor = ErrorCode(rawValue: 38)
    /// The assignment of replicas is not possible.
    public static let invalidReplicaAssignment = ErrorCode(rawValue: 39)
    /// A setting is unknown or its value wrong.
    public static let invalidConfig = ErrorCode(rawValue: 40)
    /// The request contradicts itself.
    public static let invalidRequest = ErrorCode(rawValue: 42)
    /// A record format before version 2.
    public static let unsupportedForMessageFormat = ErrorCode(rawValue: 43)
    /// A record's time is too far from the broker's.
    public static let invalidTimestamp = ErrorCode(rawValue: 32)
    /// A limit of the broker's own forbids it.
    public static let policyViolation = ErrorCode(rawValue: 44)
    /// The batch does not fit the state of the transaction.
    public static let invalidTransactionState = ErrorCode(rawValue: 48)
    /// A sequence number is missing before this batch.
    public static let outOfOrderSequenceNumber = ErrorCode(rawValue: 45)
    /// The batch was appended before.
    public static let duplicateSequenceNumber = ErrorCode(rawValue: 46)
    /// A newer instance of the producer has taken over.
    public static let invalidProducerEpoch = ErrorCode(rawValue: 47)
    /// The transactional id belongs to another producer id, or to none.
    public static let invalidProducerIDMapping = ErrorCode(rawValue: 49)
    /// The transaction's timeout is outside of the allowed range.
    public static let invalidTransactionTimeout = ErrorCode(rawValue: 50)
    /// The transaction is being changed or ended: ask again.
    public static let concurrentTransactions = ErrorCode(rawValue: 51)
    /// No right to the transactional id.
    public static let transactionalIDAuthorizationFailed = ErrorCode(rawValue: 53)
    /// Security features are switched off.
    public static let securityDisabled = ErrorCode(rawValue: 54)
    /// Not tried, because another part of the request was refused.
    public static let operationNotAttempted = ErrorCode(rawValue: 55)
    /// The disk is full or failed.
    public static let storageError = ErrorCode(rawValue: 56)
    /// The broker keeps no logs in that folder.
    public static let logDirNotFound = ErrorCode(rawValue: 57)
    /// User or password are wrong.
    public static let saslAuthenticationFailed = ErrorCode(rawValue: 58)
    /// The broker holds nothing of the producer.
    public static let unknownProducerID = ErrorCode(rawValue: 59)
    /// Partitions are being moved.
    public static let reassignmentInProgress = ErrorCode(rawValue: 60)
    /// Delegation tokens are switched off.
    public static let delegationTokenAuthDisabled = ErrorCode(rawValue: 61)
    /// The group has members.
    public static let groupNotEmpty = ErrorCode(rawValue: 68)
    /// There is no such group.
    public static let groupIDNotFound = ErrorCode(rawValue: 69)
    /// There is no such fetch session.
    public static let fetchSessionIDNotFound = ErrorCode(rawValue: 70)
    /// The epoch of the fetch session is wrong.
    public static let invalidFetchSessionEpoch = ErrorCode(rawValue: 71)
    /// The client's leader epoch is older than the partition's.
    public static let fencedLeaderEpoch = ErrorCode(rawValue: 74)
    /// The client's leader epoch is newer than the partition's.
    public static let unknownLeaderEpoch = ErrorCode(rawValue: 75)
    /// The codec is not known, or not allowed in this version.
    public static let unsupportedCompressionType = ErrorCode(rawValue: 76)
    /// The member joins again with the id given here (KIP-394).
    public static let memberIDRequired = ErrorCode(rawValue: 79)
    /// The group has as many members as it may have.
    public static let groupMaxSizeReached = ErrorCode(rawValue: 81)
    /// Another member has taken the static instance id.
    public static let fencedInstanceID = ErrorCode(rawValue: 82)
    /// The preferred replica, or the only one, leads already.
    public static let electionNotNeeded = ErrorCode(rawValue: 84)
    /// The partition is not being moved.
    public static let noReassignmentInProgress = ErrorCode(rawValue: 85)
    /// A member of the group reads the topic.
    public static let groupSubscribedToTopic = ErrorCode(rawValue: 86)
    /// A record breaks a rule of the topic.
    public static let invalidRecord = ErrorCode(rawValue: 87)
    /// There is nobody or nothing of that name.
    public static let resourceNotFound = ErrorCode(rawValue: 91)
    /// The request names something twice.
    public static let duplicateResource = ErrorCode(rawValue: 92)
    /// A credential without a name, or with too few or too many rounds.
    public static let unacceptableCredential = ErrorCode(rawValue: 93)
    /// A transaction that is under way may commit another offset: ask again.
    public static let unstableOffsetCommit = ErrorCode(rawValue: 88)
    /// A newer producer has taken over the transactional id.
    public static let producerFenced = ErrorCode(rawValue: 90)
    /// There is no topic with that id.
    public static let unknownTopicID = ErrorCode(rawValue: 100)
    /// The member's epoch is not the one that the coordinator knows: it gives up its partitions and joins again (KIP-848).
    public static let fencedMemberEpoch = ErrorCode(rawValue: 110)
    /// Another member has the static instance id and has not left (KIP-848).
    public static let unreleasedInstanceID = ErrorCode(rawValue: 111)
    /// The broker has no assignor of that name (KIP-848).
    public static let unsupportedAssignor = ErrorCode(rawValue: 112)
    /// The member's epoch has changed: it asks for its new one and tries again (KIP-848).
    public static let staleMemberEpoch = ErrorCode(rawValue: 113)
    /// There is no such transactional id.
    public static let transactionalIDNotFound = ErrorCode(rawValue: 105)
    /// The transaction has to be aborted; after that the producer goes on.
    public static let transactionAbortable = ErrorCode(rawValue: 120)
    /// The text is no regular expression.
    public static let invalidRegularExpression = ErrorCode(rawValue: 128)
}
