package io.lodestone.bench.migrate;

import com.google.protobuf.ByteString;
import io.lodestone.api.etcdserverpb.PutRequest;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;

/** Values of 256 bytes under 10,000 keys. */
final class SmallPuts {
  static final int KEYS = 10_000;
  static final int VALUE_BYTES = 256;

  private static final ByteString VALUE = value();

  private SmallPuts() {}

  private static ByteString value() {
    byte[] noise = new byte[VALUE_BYTES];
    new Random(1).nextBytes(noise);
    return ByteString.copyFrom(noise);
  }

  static PutRequest put(int number) {
    String key = String.format(Locale.ROOT, "bench/%08d", number % KEYS);
    return PutRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).setValue(VALUE).build();
  }

  static PutRequest any() {
    return put(ThreadLocalRandom.current().nextInt(KEYS));
  }
}
