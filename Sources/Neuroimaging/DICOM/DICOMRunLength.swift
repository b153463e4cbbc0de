/// Frames whose byte planes are run-length encoded (PS3.5, G).
enum DICOMRunLength {
    /// Decodes a frame to little-endian values.
    ///
    /// The fragment starts with the number of segments and 15 offsets; each segment holds one byte of every value, the
    /// highest first, sample by sample, packed as by PackBits. The samples of a pixel come out side by side.
    static func decode(
        _ fragment: ArraySlice<UInt8>,
        values: Int,
        samples: Int,
        width: Int
    ) throws(NeuroimagingError) -> [UInt8] {
        let start = fragment.startIndex
        guard fragment.count >= 64 else {
            throw NeuroimagingError(
                .malformed,
                "pixel data",
                "a run-length frame has \(fragment.count) bytes, less than its header"
            )
        }
        func word(_ index: Int) -> Int {
            (0..<4).reduce(0) { $0 | Int(fragment[start + 4 * index + $1]) << (8 * $1) }
        }
        let segments = samples * width
        guard word(0) == segments, segments <= 15 else {
            throw NeuroimagingError(
                .malformed,
                "pixel data",
                "a run-length frame has \(word(0)) segments and needs \(segments)"
            )
        }
        // A run of 128 takes two bytes at least, so that a frame cannot grow more than 64 times.
        guard values * segments / 64 <= fragment.count else {
            throw NeuroimagingError(
                .truncated,
                "pixel data",
                "a run-length frame of \(fragment.count) bytes is too short"
            )
        }
        var bytes = [UInt8](repeating: 0, count: values * segments)
        for segment in 0..<segments {
            let from = word(segment + 1)
            let to = segment + 1 < segments ? word(segment + 2) : fragment.count
            guard from >= 64, from <= to, to <= fragment.count else {
                throw NeuroimagingError(.malformed, "pixel data", "segment \(segment) goes from byte \(from) to \(to)")
            }
            let (sample, byte) = (segment / width, width - 1 - segment % width)
            try unpack(
                fragment[start + from..<start + to],
                into: &bytes,
                from: sample * width + byte,
                step: samples * width,
                count: values
            )
        }
        return bytes
    }

    private static func unpack(
        _ packed: ArraySlice<UInt8>,
        into bytes: inout [UInt8],
        from start: Int,
        step: Int,
        count: Int
    ) throws(NeuroimagingError) {
        var (index, written) = (packed.startIndex, 0)
        while written < count {
            guard index < packed.endIndex else {
                throw NeuroimagingError(
                    .truncated,
                    "pixel data",
                    "a run-length segment has \(written) of \(count) values"
                )
            }
            let control = Int(Int8(bitPattern: packed[index]))
            index += 1
            if control >= 0 {
                let length = min(control + 1, count - written)
                guard packed.endIndex - index >= length else { continue }
                for offset in 0..<length { bytes[start + (written + offset) * step] = packed[index + offset] }
                index += control + 1
                written += length
            } else if control > -128 {
                guard index < packed.endIndex else { continue }
                let length = min(1 - control, count - written)
                for offset in 0..<length { bytes[start + (written + offset) * step] = packed[index] }
                index += 1
                written += length
            }
        }
    }
}
