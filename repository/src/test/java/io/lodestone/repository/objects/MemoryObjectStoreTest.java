package io.lodestone.repository.objects;

final class MemoryObjectStoreTest extends ObjectStoreContract {
  @Override
  ObjectStore openStore() {
    return new MemoryObjectStore();
  }
}
