package io.lodestone.junit5;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.lodestone.server.EmbeddedStore;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The extension as an annotation. */
@ExtendWith(StoreExtension.class)
final class StoreExtensionTest {
  @Test
  void aParameterIsTheStore(EmbeddedStore store) throws Exception {
    ByteSequence key = ByteSequence.from("k", StandardCharsets.UTF_8);
    try (Client client = Client.builder().endpoints(store.endpoint()).build()) {
      client.getKVClient().put(key, key).get();

      assertThat(client.getKVClient().get(key).get().getCount()).isEqualTo(1);
    }
  }
}
