#pragma once
#include <stddef.h>
#include <stdint.h>

/// What is known of a JPEG image once its header has been read.
typedef struct percept_jpeg_header {
    uint32_t width;
    uint32_t height;
    /// 1 for grey and 3 for colour images; anything else cannot be decoded to RGB.
    int components;
    /// Not 0: the components are inks (CMYK or YCCK).
    int is_ink;
} percept_jpeg_header;

/// The size of the messages below.
enum { PERCEPT_JPEG_MESSAGE = 200 };

/// Reads the header of an image. Returns 0, or -1 with what was wrong in `message`.
int percept_jpeg_read_header(const uint8_t *bytes, size_t count, percept_jpeg_header *header, char *message);

/// Decodes a grey or colour image to `pixels`, red, green and blue of every pixel, row by row. Returns 0, or -1 with
/// what was wrong in `message`: also where libjpeg would only warn that data are damaged or missing. `size` is the
/// number of bytes of `pixels`, which must be what the header asks for.
int percept_jpeg_decode(const uint8_t *bytes, size_t count, uint8_t *pixels, size_t size, char *message);
