package io.lodestone.server.http;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a stream of bytes into JSON objects, which follow each other with nothing or white space
 * between. Looks at brackets and strings only; what an object says is for its reader. Confined to
 * one thread.
 */
final class JsonValues {
  private final int maxBytes;
  private final ByteArrayOutputStream value = new ByteArrayOutputStream();
  private int depth;
  private boolean inString;
  private boolean escaped;

  /** An object of more than {@code maxBytes} is refused. */
  JsonValues(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** Takes all of {@code bytes} and returns the objects that end in it. */
  List<String> feed(ByteBuf bytes) throws TooLargeException {
    List<String> complete = new ArrayList<>();
    while (bytes.isReadable()) {
      byte b = bytes.readByte();
      if (value.size() == 0 && Character.isWhitespace(b)) {
        continue;
      }
      if (value.size() >= maxBytes) {
        throw new TooLargeException();
      }
      value.write(b);
      if (endsValue(b)) {
        complete.add(value.toString(StandardCharsets.UTF_8));
        value.reset();
      }
    }
    return complete;
  }

  /** True where an object has begun and not ended. */
  boolean isInside() {
    return value.size() > 0;
  }

  /** What has begun and not ended. */
  String rest() {
    return value.toString(StandardCharsets.UTF_8);
  }

  private boolean endsValue(byte b) {
    if (inString) {
      inString = escaped || b != '"';
      escaped = !escaped && b == '\\';
      return false;
    }
    switch (b) {
      case '"' -> inString = true;
      case '{', '[' -> depth++;
      case '}', ']' -> depth--;
      default -> {
        // Part of a number or a word, or between values.
      }
    }
    return depth <= 0 && (b == '}' || b == ']');
  }

  /** A request has more bytes than the server takes. */
  static final class TooLargeException extends Exception {
    private static final long serialVersionUID = 1L;
  }
}
