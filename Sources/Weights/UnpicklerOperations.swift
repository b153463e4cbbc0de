/// The opcodes (Python's `pickletools`), grouped by what they do.
extension Unpickler {
    mutating func execute(_ opcode: UInt8) throws(WeightsError) {
        switch Character(UnicodeScalar(opcode)) {
        case "\u{80}": _ = try byte()
        case "\u{95}": _ = try integer(UInt64.self)
        case "(": marks.append(stack.count)
        case "0": try discard()
        case "1": _ = try popToMark()
        case "2": push(try top())
        case "N": push(.none)
        case "\u{88}": push(.bool(true))
        case "\u{89}": push(.bool(false))
        case "J": push(.int(Int(try integer(Int32.self))))
        case "K": push(.int(Int(try byte())))
        case "M": push(.int(Int(try integer(UInt16.self))))
        case "I", "L": try decimal()
        case "F": push(.double(Double(try line()) ?? .nan))
        case "G": push(.double(Double(bitPattern: try integer(UInt64.self).byteSwapped)))
        case "\u{8a}": pushLong(try bytes(try length(UInt8.self)))
        case "\u{8b}": pushLong(try bytes(try length(Int32.self)))
        case "X": push(.string(try text(try length(UInt32.self))))
        case "\u{8c}": push(.string(try text(try length(UInt8.self))))
        case "\u{8d}": push(.string(try text(try length(UInt64.self))))
        case "V": push(.string(try line()))
        case "S": push(.string(String(try line().dropFirst().dropLast())))
        case "B", "T": push(.bytes(try bytes(try length(UInt32.self))))
        case "C", "U": push(.bytes(try bytes(try length(UInt8.self))))
        case "\u{8e}", "\u{96}": push(.bytes(try bytes(try length(UInt64.self))))
        default: try executeStructural(opcode)
        }
    }

    private mutating func executeStructural(_ opcode: UInt8) throws(WeightsError) {
        switch Character(UnicodeScalar(opcode)) {
        case ")": push(make(.tuple([])))
        case "]": push(make(.list([])))
        case "}": push(make(.dictionary([])))
        case "\u{8f}": push(make(.set([])))
        case "t": push(make(.tuple(try popToMark())))
        case "\u{85}": try tuple(1)
        case "\u{86}": try tuple(2)
        case "\u{87}": try tuple(3)
        case "l": push(make(.list(try popToMark())))
        case "d": push(make(.dictionary(try pairs(popToMark()))))
        case "\u{91}": push(make(.set(try popToMark())))
        case "a": try append([try pop()])
        case "e", "\u{90}": try append(try popToMark())
        case "s":
            let value = try pop()
            try set([try pop(), value])
        case "u": try set(try popToMark())
        case "c": push(.global(module: try line(), name: try line()))
        case "\u{93}": try stackGlobal()
        case "R", "\u{81}": try call()
        case "\u{92}":
            _ = try pop()
            try call()
        case "b": try build()
        case "Q": push(make(.persistent(try pop())))
        case "P": push(make(.persistent(.string(try line()))))
        default: try executeMemo(opcode)
        }
    }

    private mutating func executeMemo(_ opcode: UInt8) throws(WeightsError) {
        switch Character(UnicodeScalar(opcode)) {
        case "q": memo[Int(try byte())] = try top()
        case "r": memo[Int(try integer(UInt32.self))] = try top()
        case "p": memo[Int(try line()) ?? -1] = try top()
        case "\u{94}": memo[memo.count] = try top()
        case "h": try recall(Int(try byte()))
        case "j": try recall(Int(try integer(UInt32.self)))
        case "g": try recall(Int(try line()) ?? -1)
        default: throw damaged("has the unknown opcode \(opcode)")
        }
    }

    private mutating func recall(_ index: Int) throws(WeightsError) {
        guard let value = memo[index] else { throw damaged("recalls memo \(index), which is not set") }
        push(value)
    }

    private mutating func discard() throws(WeightsError) {
        if let mark = marks.last, mark == stack.count { marks.removeLast() } else { _ = try pop() }
    }

    private mutating func decimal() throws(WeightsError) {
        var text = try line()
        if text == "00" || text == "01" { return push(.bool(text == "01")) }
        if text.hasSuffix("L") { text.removeLast() }
        guard let value = Int(text) else { throw damaged("has the integer \(text.prefix(24))") }
        push(.int(value))
    }

    private mutating func pushLong(_ bytes: [UInt8]) {
        guard bytes.count <= 8 else { return push(.longInt(bytes)) }
        var value = bytes.last.map { $0 & 0x80 != 0 } == true ? -1 : 0
        for byte in bytes.reversed() { value = value << 8 | Int(byte) }
        push(.int(value))
    }

    private mutating func tuple(_ count: Int) throws(WeightsError) {
        var values: [PickleValue] = []
        for _ in 0..<count { values.append(try pop()) }
        push(make(.tuple(values.reversed())))
    }

    private func pairs(_ values: [PickleValue]) throws(WeightsError) -> [(key: PickleValue, value: PickleValue)] {
        guard values.count % 2 == 0 else { throw damaged("has a key without a value") }
        return stride(from: 0, to: values.count, by: 2).map { (values[$0], values[$0 + 1]) }
    }

    /// Takes the node out while it is changed, so that its array is changed in place.
    private mutating func change(_ index: Int, _ body: (inout PickleNode) -> Bool) throws(WeightsError) {
        var node = PickleNode.tuple([])
        swap(&node, &nodes[index])
        let isValid = body(&node)
        swap(&node, &nodes[index])
        guard isValid else { throw damaged("adds to something that is not a container") }
    }

    private mutating func append(_ values: [PickleValue]) throws(WeightsError) {
        guard case .node(let index) = try top() else { throw damaged("appends to something that is not a list") }
        try change(index) { node in
            switch node {
            case .list(var list):
                node = .tuple([])
                list += values
                node = .list(list)
            case .set(var set):
                node = .tuple([])
                set += values
                node = .set(set)
            case .object(var object):
                node = .tuple([])
                object.appended += values
                node = .object(object)
            default: return false
            }
            return true
        }
    }

    private mutating func set(_ values: [PickleValue]) throws(WeightsError) {
        let added = try pairs(values)
        guard case .node(let index) = try top() else {
            throw damaged("sets items of something that is not a dictionary")
        }
        try change(index) { node in
            switch node {
            case .dictionary(var pairs):
                node = .tuple([])
                pairs += added
                node = .dictionary(pairs)
            case .object(var object):
                node = .tuple([])
                object.items += added
                node = .object(object)
            default: return false
            }
            return true
        }
    }

    private mutating func stackGlobal() throws(WeightsError) {
        let name = try pop()
        guard case .string(let module) = try pop(), case .string(let text) = name else {
            throw damaged("names a global with something that is not text")
        }
        push(.global(module: module, name: text))
    }

    private mutating func call() throws(WeightsError) {
        let arguments = try pop()
        push(make(.object(PickleObject(callable: try pop(), arguments: arguments))))
    }

    private mutating func build() throws(WeightsError) {
        let state = try pop()
        guard case .node(let index) = try top() else { return }
        try change(index) { node in
            guard case .object(var object) = node else { return true }
            node = .tuple([])
            object.state.append(state)
            node = .object(object)
            return true
        }
    }
}
