import CLinux

/// What kind of file system a folder is on.
enum FileSystemKind {
    /// The magic numbers of file systems that other machines write to, of which the kernel does not tell: NFS, SMB,
    /// CIFS, FUSE, 9P, AFS, Ceph, Lustre, and the shared folders of virtual machines (`statfs(2)`).
    private static let shared: Set<UInt32> = [
        0x6969, 0x517B, 0xFF53_4D42, 0xFE53_4D42, 0x6573_5546, 0x0102_1997, 0x5346_414F, 0x00C3_6400, 0x0BD0_0BD0,
        0x786F_4256, 0xBACB_ACBC,
    ]

    /// Whether files may come to a folder without the kernel noticing.
    static func isShared(_ path: String) -> Bool {
        var status = statfs()
        guard statfs(path, &status) == 0 else { return false }
        return shared.contains(UInt32(truncatingIfNeeded: status.f_type))
    }
}
