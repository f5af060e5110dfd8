package io.lodestone.junit5;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcd.jetcd.Client;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The extension as a field, with flags. */
final class RegisteredStoreTest {
  @RegisterExtension static final StoreExtension STORE = StoreExtension.withFlags("--name=small");

  @Test
  void flagsAreHeard() throws Exception {
    try (Client client = Client.builder().endpoints(STORE.endpoint()).build()) {
      assertThat(client.getClusterClient().listMember().get().getMembers().get(0).getName())
          .isEqualTo("small");
    }
  }
}
