package io.lodestone.bench.store;

import com.google.protobuf.ByteString;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;

/** Encoded requests on keys {@code bench/00000000} and up. Thread-safe. */
final class Requests {
  static final int VALUE_BYTES = 256;

  /** Every key there may be. */
  static final ByteString END = ByteString.copyFromUtf8("bench0");

  private static final String PREFIX = "bench/";

  private final int keys;
  private final ByteString value;

  Requests(int keys) {
    this(keys, VALUE_BYTES);
  }

  Requests(int keys, int valueBytes) {
    this.keys = keys;
    byte[] noise = new byte[valueBytes];
    new Random(1).nextBytes(noise);
    this.value = ByteString.copyFrom(noise);
  }

  static ByteString key(int number) {
    return ByteString.copyFromUtf8(PREFIX + String.format(Locale.ROOT, "%08d", number));
  }

  Supplier<byte[]> puts() {
    return () -> put(random());
  }

  byte[] put(int number) {
    return PutRequest.newBuilder().setKey(key(number)).setValue(value).build().toByteArray();
  }

  /** Puts whose value begins with the time they were made at, in nanoseconds. */
  Supplier<byte[]> stampedPuts() {
    return () -> {
      ByteString stamp =
          ByteString.copyFrom(
              String.format(Locale.ROOT, "%020d", System.nanoTime()), StandardCharsets.US_ASCII);
      return PutRequest.newBuilder()
          .setKey(key(random()))
          .setValue(stamp.concat(value.substring(stamp.size())))
          .build()
          .toByteArray();
    };
  }

  Supplier<byte[]> gets(boolean serializable) {
    return () ->
        RangeRequest.newBuilder()
            .setKey(key(random()))
            .setSerializable(serializable)
            .build()
            .toByteArray();
  }

  /** Ranges of {@code count} neighbouring keys. */
  Supplier<byte[]> ranges(int count) {
    return () -> {
      int first = ThreadLocalRandom.current().nextInt(keys - count);
      return RangeRequest.newBuilder()
          .setKey(key(first))
          .setRangeEnd(key(first + count))
          .build()
          .toByteArray();
    };
  }

  private int random() {
    return ThreadLocalRandom.current().nextInt(keys);
  }
}
