import BlobStore
import Contracts
import HTTPCore
import ServiceKit
import System
import Testing

@testable import MediaService

struct MediaTests {
    private static let job = Identifier.version7(at: Timestamp(milliseconds: 1))
    private static let other = Identifier.version7(at: Timestamp(milliseconds: 2))
    private static let output = Media.Output(
        kind: .image,
        width: 4,
        height: 3,
        durationMilliseconds: nil,
        placeholder: "L",
        variants: []
    )
    private static let failure = Media.Failure(reason: .damaged, detail: "")

    private func media() throws -> Media {
        Media(
            id: Self.other,
            ownerID: Self.other,
            visibility: .public,
            fileName: nil,
            contentType: "image/png",
            size: 1,
            digest: try #require(ContentDigest(String(repeating: "0", count: 64))),
            jobID: Self.job,
            presetVersion: 1,
            createdAt: Timestamp(milliseconds: 0)
        )
    }

    @Test func `the first terminal result of the current job counts, and no other`() throws {
        var media = try media()
        let ended1 = media.end(Self.other, .finished(Self.output))
        #expect(!ended1, "another job's")
        let begun2 = media.begin(Self.job)
        #expect(begun2)
        let begun3 = media.begin(Self.job)
        #expect(!begun3, "it has begun")
        let ended4 = media.end(Self.job, .finished(Self.output))
        #expect(ended4)
        #expect(media.state == .ready && media.isPublic)
        let ended5 = media.end(Self.job, .failed(Self.failure))
        #expect(!ended5, "it has ended")
        #expect(media.state == .ready)
    }

    @Test func `what is ready stays so while it is made anew, even when that fails`() throws {
        var media = try media()
        let ended6 = media.end(Self.job, .finished(Self.output))
        #expect(ended6)
        media.restart(job: Self.other, presets: 2)
        #expect(media.isPublic)
        let ended7 = media.end(Self.job, .failed(Self.failure))
        #expect(!ended7)
        let ended8 = media.end(Self.other, .failed(Self.failure))
        #expect(ended8)
        #expect(media.state == .ready && media.output == Self.output && media.failure == nil)
    }

    @Test func `what failed is tried again with other presets`() throws {
        var media = try media()
        let ended9 = media.end(Self.job, .failed(Self.failure))
        #expect(ended9)
        #expect(media.state == .failed && !media.isPublic)
        media.restart(job: Self.other, presets: 2)
        #expect(media.state == .uploaded && media.failure == nil)
        let ended10 = media.end(Self.other, .finished(Self.output))
        #expect(ended10)
        #expect(media.state == .ready)
    }

    @Test(arguments: [
        ("../../etc/passwd", "passwd"), ("C:\\a\\b.png", "b.png"), ("a\u{0}\u{202E}gnp.exe", "agnp.exe"),
        ("ảnh.jpg", "ảnh.jpg"),
    ])
    func `a file name loses its path and what cannot be seen`(name: String, kept: String) {
        #expect(UploadDetails.cleaned(fileName: name) == kept)
    }

    @Test(arguments: ["", "/", " ", "\u{0}"])
    func `a name of nothing is none`(name: String) {
        #expect(UploadDetails.cleaned(fileName: name) == nil)
    }

    @Test func `metadata of tus says what the upload is`() throws {
        let field = "filename aMO0aSBhbi5wbmc=,visibility cHJpdmF0ZQ==,is_confidential"
        let details = try #require(Tus.details(metadata: field))
        #expect(details.fileName == "hôi an.png" && details.visibility == .private && details.metadata == field)
        #expect(Tus.details(metadata: nil) == UploadDetails())
    }

    @Test(arguments: [
        "a b c", "a %%%", "a YQ==,a YQ==", ",", "visibility YQ==", String(repeating: "a", count: 5000),
        "filename /////w==",
    ])
    func `metadata that is none is refused`(field: String) {
        #expect(Tus.details(metadata: field) == nil)
    }

    @Test(arguments: ["md5 YQ==", "sha1", "sha1 YQ==", "sha256 ====", ""])
    func `a checksum that is none is refused`(field: String) {
        #expect(Tus.checksum(field) == nil)
    }

    @Test(arguments: ["final", "final;", "final;a b", "partial;", "final;/x/\(job) /y/\(job)"])
    func `a concatenation that is none is refused`(field: String) {
        #expect(Tus.Concatenation(field) == nil)
    }

    @Test func `parts are named by their addresses`() {
        let field = "final;/v1/media/uploads/\(Self.job) http://localhost/v1/media/uploads/\(Self.other)"
        #expect(Tus.Concatenation(field) == .final([Self.job, Self.other]))
    }

    @Test(arguments: ["", "-1", "+1", "1.0", "0x1", "99999999999999999999"])
    func `a length that is no number is none`(field: String) {
        #expect(Tus.number(field) == nil)
    }

    @Test func `a signed address is good for its path and its time alone`() throws {
        let signer = AddressSigner(key: [1, 2, 3])
        let now = Timestamp(milliseconds: 1_000_000)
        let text = signer.query(for: "/a", at: now)
        let query = try #require(QueryItems(text))
        #expect(try signer.isGood(query, for: "/a", at: now))
        #expect(try !signer.isGood(query, for: "/b", at: now))
        #expect(try !signer.isGood(query, for: "/a", at: now.adding(seconds: AddressSigner.lifetimeSeconds)))
        #expect(try !AddressSigner(key: [1, 2, 4]).isGood(query, for: "/a", at: now))
        let later = try #require(QueryItems(text.replacing("expires=", with: "expires=9")))
        #expect(try !signer.isGood(later, for: "/a", at: now))
    }

    @Test(arguments: [
        "expires=null", "expires=", "expires=1&expires=x", "signature=", "signature=AAAA", "signature=%20",
    ])
    func `what no signed address says is refused`(text: String) throws {
        let query = try #require(QueryItems(text))
        #expect(throws: Problem.self) {
            try AddressSigner(key: [1]).isGood(query, for: "/a", at: Timestamp(milliseconds: 0))
        }
    }

    @Test(arguments: [
        ([0xFF, 0xD8, 0xFF, 0xE0], "image/jpeg"), (Array("RIFF....WEBPVP8 ".utf8), "image/webp"),
        (Array("....ftypisom".utf8), "video/mp4"), (Array("....ftypheic".utf8), "image/heic"),
        (Array("GIF89a".utf8), "image/gif"),
    ])
    func `content is known by its first bytes`(head: [UInt8], type: String) {
        #expect(Signature.type(of: head) == type)
    }

    @Test(arguments: ["", "MZ", "<svg>", "#!/bin/sh", "%PDF-1.7", "RIFF....WAVE"])
    func `what is not taken has no signature`(head: String) {
        #expect(Signature.type(of: Array(head.utf8)) == nil)
    }
}
