/// Everything that is set about an S3 store.
package struct S3Configuration: Sendable {
    /// Where the server finds the store.
    package var endpoint: S3Endpoint
    /// Where clients find it: the host of signed URLs; nil when at the same address.
    package var publicEndpoint: S3Endpoint?
    /// How the bucket is named in URLs.
    package var addressStyle = S3AddressStyle.path
    /// The region in signatures; corrected when the store names another.
    package var region = "us-east-1"
    /// The bucket.
    package var bucket: String
    /// Stands before every key in the bucket.
    package var prefix = ""
    /// True when all bytes go through the server: `direct…` then answers nil.
    package var isProxied = false
    /// False for a store that ignores `x-amz-checksum-sha256`: uploads then go through the server.
    package var verifiesChecksums = true
    /// False for a store that does not know `If-None-Match: *`.
    package var knowsConditionalWrites = true
    /// A file of PEM certificates to trust beside the system's.
    package var certificateFile: String?
    /// Objects that are larger are sent in parts; at most 5 GiB.
    package var multipartThreshold: Int64 = 1 << 30
    /// Objects that are larger are copied in parts of this size, several at once; at most 5 GiB.
    package var copyThreshold: Int64 = 256 << 20
    /// How often a request is tried.
    package var attempts = 5
    /// Seconds for a request without its body's transfer, all attempts together.
    package var deadlineSeconds: Int64 = 60
    /// Seconds to wait for a connection.
    package var connectSeconds: Int64 = 10
    /// Seconds without a byte of the answer.
    package var idleSeconds: Int64 = 60
    /// Connections that stay open.
    package var connections = 64

    /// A configuration with everything but the place as it usually is.
    package init(endpoint: S3Endpoint, bucket: String) {
        self.endpoint = endpoint
        self.bucket = bucket
    }
}
