/// Reads pickles of protocols 0–5 without executing anything: classes and calls become inert records.
///
/// Every opcode costs constant memory, containers are shared by number, and sizes are checked against the bytes that are
/// left, so time and memory are bounded by the length of the input.
struct Unpickler {
    let region: ByteRegion
    let subject: String
    var position: Int
    var stack: [PickleValue] = []
    var marks: [Int] = []
    var memo: [Int: PickleValue] = [:]
    var nodes: [PickleNode] = []

    /// The most opcodes that a pickle may have: a checkpoint of a large network has some hundred thousand.
    private static let maximumOperations = 50_000_000

    /// Prepares to read a pickle that begins at `position`.
    init(_ region: ByteRegion, at position: Int = 0, subject: String) {
        self.region = region
        self.subject = subject
        self.position = position
    }

    /// Reads one pickle; `position` is then behind it.
    mutating func read() throws(WeightsError) -> PickleDocument {
        for _ in 0..<Self.maximumOperations {
            let opcode = try byte()
            if opcode == UInt8(ascii: ".") {
                let root = try pop()
                return PickleDocument(nodes: nodes, root: root)
            }
            try execute(opcode)
        }
        throw WeightsError(.tooLarge, subject, "has more than \(Self.maximumOperations) pickle operations")
    }

    mutating func make(_ node: PickleNode) -> PickleValue {
        nodes.append(node)
        return .node(nodes.count - 1)
    }

    mutating func push(_ value: PickleValue) { stack.append(value) }

    mutating func pop() throws(WeightsError) -> PickleValue {
        guard stack.count > (marks.last ?? 0), let value = stack.popLast() else {
            throw damaged("takes from an empty stack")
        }
        return value
    }

    mutating func popToMark() throws(WeightsError) -> [PickleValue] {
        guard let mark = marks.popLast(), mark <= stack.count else { throw damaged("has no mark") }
        defer { stack.removeSubrange(mark...) }
        return Array(stack[mark...])
    }

    func top() throws(WeightsError) -> PickleValue {
        guard let value = stack.last, stack.count > (marks.last ?? 0) else { throw damaged("looks at an empty stack") }
        return value
    }

    func damaged(_ detail: String) -> WeightsError {
        WeightsError(.damaged, subject, "is not a valid pickle: at byte \(position) it \(detail)")
    }

    // MARK: Reading

    mutating func byte() throws(WeightsError) -> UInt8 {
        try integer(UInt8.self)
    }

    mutating func integer<T: FixedWidthInteger>(_ type: T.Type) throws(WeightsError) -> T {
        guard let value = region.integer(T.self, at: position) else { throw damaged("ends too early") }
        position += MemoryLayout<T>.size
        return value
    }

    /// A length that fits into the rest of the input.
    mutating func length<T: FixedWidthInteger>(_ type: T.Type) throws(WeightsError) -> Int {
        let value = try integer(T.self)
        guard let length = Int(exactly: value), length >= 0, length <= region.count - position else {
            throw damaged("claims a length of \(value)")
        }
        return length
    }

    mutating func bytes(_ count: Int) throws(WeightsError) -> [UInt8] {
        guard let slice = region.slice(position, count) else { throw damaged("ends too early") }
        position += count
        return Array(slice.bytes)
    }

    mutating func text(_ count: Int) throws(WeightsError) -> String {
        String(decoding: try bytes(count), as: UTF8.self)
    }

    mutating func line() throws(WeightsError) -> String {
        var end = position
        while end < region.count, region.bytes[end] != 10 { end += 1 }
        guard end < region.count else { throw damaged("ends within a line") }
        let result = try text(end - position)
        position = end + 1
        return result
    }
}
