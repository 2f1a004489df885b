import Security

/// The encryption of push messages (RFC 8291) as one record of `aes128gcm` (RFC 8188).
///
///     | salt 16 | record size 4 | 65 | our point 65 | ciphertext of: message, 0x02 | tag 16 |
enum PushEncryption {
    /// Bytes of a message that every push service takes, all included (RFC 8030, section 7.2).
    static let maximumSize = 4096
    private static let saltLength = 16

    /// Seals a message for a browser, under a key of its own.
    ///
    /// - Throws: `invalidParameter` for a browser's key that is no point, or a message that is too long.
    static func seal(
        _ message: [UInt8],
        for subscription: PushSubscription,
        key: P256Key? = nil,
        salt: [UInt8]? = nil
    ) throws(CryptographyError) -> [UInt8] {
        let salt = salt ?? SecureRandom.bytes(saltLength)
        let key = if let key { key } else { try P256Key() }
        let shared = try key.sharedSecret(with: subscription.publicKey)
        let secret = try KeyDerivation.hkdfSHA256(
            secret: shared,
            salt: subscription.secret,
            info: Array("WebPush: info\0".utf8) + subscription.publicKey + key.publicPoint,
            length: 32
        )
        let content = try KeyDerivation.hkdfSHA256(
            secret: secret,
            salt: salt,
            info: Array("Content-Encoding: aes128gcm\0".utf8),
            length: AES128GCM.keyLength
        )
        let nonce = try KeyDerivation.hkdfSHA256(
            secret: secret,
            salt: salt,
            info: Array("Content-Encoding: nonce\0".utf8),
            length: AES128GCM.nonceLength
        )
        let size = UInt32(maximumSize)
        let header =
            salt + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: size >> $0) }
            + [UInt8(P256Key.pointLength)] + key.publicPoint
        // The delimiter 2 says that this record is the last.
        let sealed = header + (try AES128GCM.seal(message + [2], key: content, nonce: nonce))
        guard sealed.count <= maximumSize else { throw .invalidParameter("push message length") }
        return sealed
    }
}
