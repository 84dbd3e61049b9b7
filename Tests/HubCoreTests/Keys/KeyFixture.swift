import HubCore
import Testing

/// Public keys made by `ssh-keygen`, with the fingerprints that `ssh-keygen -l` prints; and two of security keys, made by
/// hand, because they need hardware.
struct KeyFixture: Sendable, CustomTestStringConvertible {
    let line: String
    let fingerprint: String

    var testDescription: String { String(line.prefix { $0 != " " }) }

    static let ed25519 = KeyFixture(
        line: """
            ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKHMt+bFh5LeYV5vIHqIVcHlx3ZUJkqr6XnSHMQYgKF9 ada@example ed2\
            5519
            """,
        fingerprint: "SHA256:hEME+p220s3OFxc6grpLXQ+t6JAKyGL9yDeiPX1ouZE"
    )

    static let all: [KeyFixture] = [
        ed25519,
        KeyFixture(
            line: """
                ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBIszoqAsPE/Mv2VSHmRR9ieH\
                Bt9n/Lq1dutGdj1RrDp+JEA3gbV+2VltaTfrBP+mRUYO9vlg72RX9hpcGlYB8Fg= ada@example ecdsab256
                """,
            fingerprint: "SHA256:PYt/Uk6e3aBxVR2BmJCizl81cF/ICVqAP2ZNp7eCY6w"
        ),
        KeyFixture(
            line: """
                ecdsa-sha2-nistp384 AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBDSKVo6MZ03j9aZAJlHpEfr3\
                d1yAAkUyF2bhS4FG9xGHhKR6NzMkSIMboNFc8sDQCOFf2jzgquUOHxBRnMP/EHDQvrB3Td9GFQH+9/qHidEXD/E6EQFwnGb8\
                E9SaiXzT0g== ada@example ecdsab384
                """,
            fingerprint: "SHA256:rKPfCPPPK6Xl3oYMifo7peDgOX6pA7MDafEAYzc3xyo"
        ),
        KeyFixture(
            line: """
                ecdsa-sha2-nistp521 AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBAA8X9Atym1jLxYrArTE3G+0\
                /L3SsHmoQ02F/KMsZ+9Dl2GBkFkSIVbxz07ddFoxilqqvP8bJJ3LWB8W4AyDQdg/kQFP8c5tJ73i9pRo8VRvNWnGZ3gJXZmI\
                0mERvj9HZIcX2XOfcYL2LXT3nFNm0ywJ4zzh2/W9+rIzBBqXUVKCxM+8Jg== ada@example ecdsab521
                """,
            fingerprint: "SHA256:x1yWgr74G8Xc1aU92CgmKy6ApkuKdlAPbBeaeKl1OlY"
        ),
        KeyFixture(
            line: """
                ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCawdDpXTwgOCztHZXl0w5AIRL6PZurS95Y3ZujVYXcb/EBIfBl+VMiqs+q\
                9s1ZC6CE6RAh3t61zMRl7Jtv3LT0Nu+7ew0v81lq/z844cTngqeLNboMnxwFVI+wamWkN1gUtoH12nMgtRSKaqHj/4r4d47q\
                QSwAArRN2VGEXQqgHlzsEI8pOaYtxFJpL/8J20OQqk+bE34+zmJr4X9OOsneOXDElz4nxDmceyfu/UKss3VKrXmIYtYO+GIW\
                enY5c00WtbycM4OE6T/SPFmngLhnU2ZRZyImHBf68FIWUfmMMPVrWKkjUqbcE2E/toEZqbxXoXBieWPS9Ivi1YfL8BPB ada\
                @example rsab2048
                """,
            fingerprint: "SHA256:IJE2uOM+UyE5tqSImrfU7Qn8j3Ubx0M8GkmGGCJfNG0"
        ),
        KeyFixture(
            line: """
                sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIAABAgMEBQYHCAkKCwwNDg8QE\
                RITFBUWFxgZGhscHR4fAAAABHNzaDo=
                """,
            fingerprint: "SHA256:/p0CbeE3dk2SyW1OXXsThGc12ezDVD8eGw2/vtztDfk"
        ),
        KeyFixture(
            line: """
                sk-ecdsa-sha2-nistp256@openssh.com AAAAInNrLWVjZHNhLXNoYTItbmlzdHAyNTZAb3BlbnNzaC5jb20AAAAIbmlzd\
                HAyNTYAAABBBAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
                AAAAAAEc3NoOg==
                """,
            fingerprint: "SHA256:0Y49hGa8S1WlZTGsWE4nZ9spD7bM6kBotydoVw10XiE"
        ),
    ]

    /// RSA of 1024 bits.
    static let weakRSA = """
        ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQDaJ0l7bN2Nz1WFhcT+5QRwSkCYPIMwWAlNj6Crzy1prGhhJhT1GMFMNjX/\
        eSTEaOIvSE9qA/ovUOrYqf8pCz2cX3pjZb1g02hOY5bU8PUQEAbSOZDY+/+mx38B4LZPZsrVTtlsFCQUYCytRHZgcS6ulX4O\
        Kl9vMnkrcHmkQ+LRlw== ada@example rsab1024
        """

    /// DSA, which OpenSSH has given up.
    static let dsa = """
        ssh-dss AAAAB3NzaC1kc3MAAACBANMiUqv1d1nBJtHviTAxG1lEAU+ruEUFmmmgHoE6cjU0QF3wsE6PxB4vdFztWdVkgM3Z\
        NlwyuaSE2ydfgm1fdogjfNrs9sA/+bPWJM1HgVzRMEKV8Nu+zznZnwXsDMsfJkVyITnTnwT2JNrdmXaXxgMElk8rTavdBoE3\
        81Jh/6rjAAAAFQDkg66k9qKUxCcJKguY0RU95RbaUQAAAIEA0egdAnyLXsZcH9JNuTEQP5SR0lWpLDyhKnenXygUWQ+93nVg\
        ELy3qLbB47rao7tcQRAXNnnbOCsvahH5rzRI8sSdqfuUAKWXCzWZ6xTIjs7KbQb4B1syDZ7cth91y5lGg8XeOMoqIDToFZWy\
        QQj1UF3IJ1anCdJ+KRkSwEjxcs4AAACAOCx/XhcJZcRN/6atuLe9yBs8AS+xRROQElVIoTdzc7gBm7SO/1na57M1QVFLISdZ\
        OjbBqsVAGHxWHjphUpTOCe11cJDaY3Ajjj4xYUPEwinERYJLPsE/T3Kko/hh4IhsGcf9v7AAkXBWyaWqLp7uZwspcsNSpMoh\
        8t25jYMIdBs= ada@example dsa
        """
}
