package io.lodestone.etcdfile.bolt;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BoltGoldenTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final String META_BODY =
      "edda0ced020000000010000000000000"
          + "02000000000000000000000000000000"
          + "ffffffffffffffff0300000000000000";

  @TempDir Path folder;

  @Test
  void oneRowBecomesTheBytesThatEtcdAccepts() throws Exception {
    Path file = folder.resolve("db");
    ByteString row = hex("0a01611002180220012a0131");
    try (BoltWriter writer = BoltWriter.create(file)) {
      writer.bucket("key").put(hex("00000000000000025f0000000000000000"), row);
      writer.finish();
    }
    byte[] bytes = Files.readAllBytes(file);
    assertThat(bytes).hasSize(3 * 4096);
    assertThat(page(bytes, 0))
        .isEqualTo(
            "00000000000000000400000000000000"
                + META_BODY
                + "0200000000000000"
                + "4067af04a0b168e3");
    assertThat(page(bytes, 1))
        .isEqualTo(
            "01000000000000000400000000000000"
                + META_BODY
                + "0100000000000000"
                + "a3457d25bb065940");
    assertThat(page(bytes, 2))
        .isEqualTo(
            "02000000000000000200010000000000"
                + "0100000010000000030000004d000000"
                + "6b6579"
                + "00000000000000000000000000000000"
                + "00000000000000000200010000000000"
                + "0000000010000000110000000c000000"
                + "00000000000000025f0000000000000000"
                + "0a01611002180220012a0131");
  }

  private static String page(byte[] bytes, int page) {
    byte[] content = Arrays.copyOfRange(bytes, page * 4096, (page + 1) * 4096);
    int end = content.length;
    while (content[end - 1] == 0) {
      end--;
    }
    return HEX.formatHex(content, 0, end);
  }

  private static ByteString hex(String digits) {
    return ByteString.copyFrom(HEX.parseHex(digits));
  }
}
