package io.lodestone.repository.objects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.lodestone.api.LodestoneException;
import io.lodestone.peers.FreePorts;
import io.lodestone.repository.objects.SharedS3Server.Running;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedS3Server.class)
final class MinioObjectStoreTest extends ObjectStoreContract {
  private final Running running;

  MinioObjectStoreTest(Running running) {
    this.running = running;
  }

  @Override
  ObjectStore openStore() {
    return running.freshMinio();
  }

  @Test
  void aMissingBucketIsNamedWithWhatToDo() {
    failsWith(
        () -> list(host() + "/no-such-bucket", "lodestone-secret"),
        "NoSuchBucket",
        "create the bucket");
  }

  @Test
  void aWrongSecretIsNamed() {
    failsWith(
        () -> list(host() + "/backups", "wrong-secret"), "SignatureDoesNotMatch", "secret key");
  }

  @Test
  void anEndpointWhereNobodyListensIsUnreachable() {
    assertThatThrownBy(() -> list("127.0.0.1:" + FreePorts.take() + "/backups", "secret"))
        .isInstanceOf(UnreachableStoreException.class)
        .hasMessageContaining("does not answer");
  }

  /** The build keeps the variables with credentials from its tests. */
  @Test
  void missingCredentialsAreNamedWithWhatToDo() {
    String address = "minio://" + host() + "/backups?tls=false";
    failsWith(
        () -> {
          try (ObjectStore store = ObjectStores.open(address)) {
            store.list("", "").hasNext();
          }
        },
        "no credentials were found",
        "AWS_ACCESS_KEY_ID");
    failsWith(
        () -> {
          try (ObjectStore store = ObjectStores.open(address)) {
            store.create("a", ByteString.EMPTY);
          }
        },
        "no credentials were found",
        "AWS_ACCESS_KEY_ID");
  }

  private String host() {
    return running.server().endpoint().replaceFirst("http://", "");
  }

  private static void list(String place, String secret) throws Exception {
    try (ObjectStore store =
        ObjectStores.open(
            "minio://" + place + "?tls=false", new Credentials("lodestone", secret))) {
      store.list("", "").next();
    }
  }

  private static void failsWith(ThrowingCallable call, String message, String hint) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(LodestoneException.class, e -> assertThat(e.hint()).contains(hint))
        .hasMessageContaining(message);
  }
}
