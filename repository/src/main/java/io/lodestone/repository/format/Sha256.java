package io.lodestone.repository.format;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** The hash of an object; {@code hex} is 64 lower-case digits. Immutable. */
public record Sha256(@JsonValue String hex) {
  private static final Pattern FORM = Pattern.compile("[0-9a-f]{64}");

  /** Stands for "no object before this one". */
  public static final Sha256 NONE = new Sha256("0".repeat(64));

  static final int LENGTH = 32;

  @JsonCreator
  public Sha256 {
    if (!FORM.matcher(hex).matches()) {
      throw new IllegalArgumentException("not a SHA-256: " + hex);
    }
  }

  public static Sha256 of(ByteString bytes) {
    MessageDigest digest = digest();
    for (ByteBuffer piece : bytes.asReadOnlyByteBufferList()) {
      digest.update(piece);
    }
    return new Sha256(HexFormat.of().formatHex(digest.digest()));
  }

  static Sha256 of(byte[] bytes, int length) {
    MessageDigest digest = digest();
    digest.update(bytes, 0, length);
    return new Sha256(HexFormat.of().formatHex(digest.digest()));
  }

  /** Of the next {@code length} bytes, or of fewer where there are no more. */
  static Sha256 of(InputStream in, long length) throws IOException {
    MessageDigest digest = digest();
    byte[] piece = new byte[1 << 16];
    long left = length;
    int count = 0;
    while (left > 0 && count >= 0) {
      count = in.read(piece, 0, (int) Math.min(piece.length, left));
      digest.update(piece, 0, Math.max(count, 0));
      left -= Math.max(count, 0);
    }
    return new Sha256(HexFormat.of().formatHex(digest.digest()));
  }

  static Sha256 stored(byte[] bytes, int offset) {
    return new Sha256(HexFormat.of().formatHex(bytes, offset, offset + LENGTH));
  }

  ByteString bytes() {
    return ByteString.copyFrom(HexFormat.of().parseHex(hex));
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }

  @Override
  public String toString() {
    return hex;
  }
}
