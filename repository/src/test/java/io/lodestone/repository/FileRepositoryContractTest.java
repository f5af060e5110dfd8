package io.lodestone.repository;

import io.lodestone.repository.objects.FileObjectStore;
import io.lodestone.repository.objects.ObjectStore;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

final class FileRepositoryContractTest extends RepositoryContract {
  @TempDir Path directory;

  @Override
  ObjectStore openStore() {
    return new FileObjectStore(directory);
  }
}
