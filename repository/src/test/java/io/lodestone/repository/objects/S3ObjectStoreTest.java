package io.lodestone.repository.objects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lodestone.api.LodestoneException;
import io.lodestone.peers.FreePorts;
import io.lodestone.repository.objects.SharedS3Server.Running;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedS3Server.class)
final class S3ObjectStoreTest extends ObjectStoreContract {
  private final Running running;

  S3ObjectStoreTest(Running running) {
    this.running = running;
  }

  @Override
  ObjectStore openStore() {
    return running.freshS3();
  }

  @Test
  void aMissingBucketIsNamedWithWhatToDo() {
    String address = "s3://no-such-bucket/x?endpoint=" + running.server().endpoint();
    failsWith(() -> list(address, "lodestone-secret"), "NoSuchBucket", "create the bucket");
    failsWith(() -> read(address, "lodestone-secret"), "NoSuchBucket", "create the bucket");
  }

  @Test
  void aWrongSecretIsNamedAndNotShown() {
    String address = "s3://backups/x?endpoint=" + running.server().endpoint();
    failsWith(() -> list(address, "wrong-secret"), "SignatureDoesNotMatch", "secret key");
    assertThatThrownBy(() -> list(address, "wrong-secret"))
        .satisfies(e -> assertThat(e.toString()).doesNotContain("wrong-secret"));
  }

  @Test
  void anEndpointWhereNobodyListensIsUnreachable() {
    String address = "s3://backups/x?endpoint=http://127.0.0.1:" + FreePorts.take();
    assertThatThrownBy(() -> list(address, "secret"))
        .isInstanceOf(UnreachableStoreException.class)
        .hasMessageContaining("does not answer");
  }

  private void list(String address, String secret) throws Exception {
    try (ObjectStore store = open(address, secret)) {
      assertThat(store.list("", "").hasNext()).isFalse();
    }
  }

  private void read(String address, String secret) throws Exception {
    try (ObjectStore store = open(address, secret)) {
      store.read("a", 0, 1).close();
    }
  }

  private ObjectStore open(String address, String secret) {
    return ObjectStores.open(address, new Credentials("lodestone", secret));
  }

  private static void failsWith(ThrowingCallable call, String message, String hint) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(LodestoneException.class, e -> assertThat(e.hint()).contains(hint))
        .hasMessageContaining(message);
  }
}
