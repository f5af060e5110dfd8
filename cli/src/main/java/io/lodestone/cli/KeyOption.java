package io.lodestone.cli;

import com.google.protobuf.ByteString;
import io.lodestone.api.LodestoneException;
import java.nio.charset.StandardCharsets;

/** How people type keys: as text, with {@code \xHH} for bytes that are none. */
final class KeyOption {
  private KeyOption() {}

  /** The bytes of a key; {@code \\} is a backslash. */
  static ByteString bytes(String typed) {
    ByteString.Output bytes = ByteString.newOutput();
    int at = 0;
    while (at < typed.length()) {
      int backslash = typed.indexOf('\\', at);
      int end = backslash < 0 ? typed.length() : backslash;
      byte[] text = typed.substring(at, end).getBytes(StandardCharsets.UTF_8);
      bytes.write(text, 0, text.length);
      at = end;
      if (backslash >= 0) {
        at = escaped(typed, backslash, bytes);
      }
    }
    return bytes.toByteString();
  }

  private static int escaped(String typed, int backslash, ByteString.Output bytes) {
    if (typed.startsWith("\\\\", backslash)) {
      bytes.write('\\');
      return backslash + 2;
    }
    if (typed.startsWith("\\x", backslash)
        && typed.substring(backslash + 2).matches("(?s)[0-9a-fA-F]{2}.*")) {
      bytes.write(Integer.parseInt(typed.substring(backslash + 2, backslash + 4), 16));
      return backslash + 4;
    }
    throw new LodestoneException(
        "'" + typed + "' has a backslash that begins neither \\\\ nor \\xHH",
        "write a backslash as \\\\, and a byte as \\x and two hex digits");
  }
}
