package io.lodestone.cli;

import com.google.protobuf.ByteString;

/** Bytes for people's eyes. */
enum ShownBytes {
  /** Text as it is; what is not printable as {@code \n}, {@code \t} or {@code \xHH}. */
  ESCAPED {
    @Override
    String of(ByteString bytes) {
      return bytes.isValidUtf8() ? ofText(bytes.toStringUtf8()) : ofBytes(bytes);
    }
  },
  /** Every byte as {@code \xHH}, as {@code etcdctl --hex} shows it. */
  HEX {
    @Override
    String of(ByteString bytes) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < bytes.size(); i++) {
        text.append(String.format("\\x%02x", bytes.byteAt(i)));
      }
      return text.toString();
    }
  };

  abstract String of(ByteString bytes);

  private static String ofText(String text) {
    StringBuilder shown = new StringBuilder();
    text.codePoints()
        .forEach(
            letter -> {
              if (Character.isISOControl(letter) || letter == '\\') {
                shown.append(escaped(letter, letter < 0x80 ? "\\x%02x" : "\\u%04x"));
              } else {
                shown.appendCodePoint(letter);
              }
            });
    return shown.toString();
  }

  private static String ofBytes(ByteString bytes) {
    StringBuilder shown = new StringBuilder();
    for (int i = 0; i < bytes.size(); i++) {
      int letter = bytes.byteAt(i) & 0xff;
      boolean plain = letter >= ' ' && letter < 0x7f && letter != '\\';
      shown.append(plain ? Character.toString(letter) : escaped(letter, "\\x%02x"));
    }
    return shown.toString();
  }

  /** A letter as an escape; {@code form} is for those that have none of their own. */
  private static String escaped(int letter, String form) {
    return switch (letter) {
      case '\n' -> "\\n";
      case '\t' -> "\\t";
      case '\r' -> "\\r";
      case '\\' -> "\\\\";
      default -> String.format(form, letter);
    };
  }
}
