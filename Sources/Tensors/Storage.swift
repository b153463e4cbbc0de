/// The memory behind one or more tensors.
final class Storage: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<Float>
    let count: Int
    private let owner: Owner

    private enum Owner {
        /// A workspace buffer, returned when the storage goes away.
        case workspace(Workspace, capacity: Int)
        /// Memory of another object, for instance a mapped file, kept alive by this reference.
        ///
        /// Read-only.
        case external(any AnyObject & Sendable)
    }

    /// Uninitialised memory from a workspace.
    init(count: Int, workspace: Workspace) {
        let (raw, capacity) = workspace.allocate(byteCount: count * MemoryLayout<Float>.stride)
        pointer = raw.bindMemory(to: Float.self, capacity: max(count, 1))
        self.count = count
        owner = .workspace(workspace, capacity: capacity)
    }

    /// Memory that belongs to `owner`.
    init(pointer: UnsafePointer<Float>, count: Int, owner: any AnyObject & Sendable) {
        self.pointer = UnsafeMutablePointer(mutating: pointer)
        self.count = count
        self.owner = .external(owner)
    }

    deinit {
        if case .workspace(let workspace, let capacity) = owner { workspace.release(pointer, capacity: capacity) }
    }
}
