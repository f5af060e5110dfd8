package io.lodestone.repository.objects;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileObjectStoreTest extends ObjectStoreContract {
  @TempDir Path directory;

  @Override
  ObjectStore openStore() {
    return ObjectStores.open("file:" + directory.resolve("new/place"));
  }

  @Test
  void noTemporaryFileStaysBehind() throws Exception {
    try (ObjectStore store = openStore()) {
      store.create("a", ByteString.EMPTY);
      store.create("a", ByteString.EMPTY);
      store.overwrite("b", ByteString.EMPTY);
    }
    try (var files = Files.list(directory.resolve("new/place/.tmp"))) {
      assertThat(files).isEmpty();
    }
  }
}
