// ACL as clients see it: who may log in, what is denied and how, and what becomes of connections
// when users change. The texts are those of redis-server 7.2.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "protocol/redis/acl/file.h"
#include "tests/catch.h"
#include "tests/protocol/redis/harness.h"

namespace bodega::redis::test {
namespace {

constexpr std::string_view kNoCommand =
    "-NOPERM User alice has no permissions to run the 'get' command\r\n";

std::string bulk(const std::string& text) {
  return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
}

void make_alice(Client& admin, std::vector<std::string_view> rules) {
  std::vector<std::string_view> request{"ACL", "SETUSER", "alice", "on", ">pw"};
  request.insert(request.end(), rules.begin(), rules.end());
  REQUIRE(admin.run(request) == "+OK\r\n");
}

// A folder of its own for the ACL file.
class Folder {
 public:
  Folder() {
    std::string made = (std::filesystem::temp_directory_path() / "bodega-acl-XXXXXX").string();
    REQUIRE(::mkdtemp(made.data()) != nullptr);
    path_ = made;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string file() const { return (path_ / "users.acl").string(); }
  void write(const std::string& lines) const { std::ofstream(file()) << lines; }
  std::string read() const {
    std::ifstream stream(file());
    return {std::istreambuf_iterator<char>(stream), {}};
  }

 private:
  std::filesystem::path path_;
};

}  // namespace

TEST_CASE("AUTH: by name and password, and ACL WHOAMI tells who that is") {
  World world;
  Client admin(world);
  Client c(world);
  make_alice(admin, {"+acl|whoami"});
  CHECK(c.run({"ACL", "WHOAMI"}) == "$7\r\ndefault\r\n");
  CHECK(c.run({"AUTH", "alice", "no"}) ==
        "-WRONGPASS invalid username-password pair or user is disabled.\r\n");
  CHECK(c.run({"AUTH", "alice", "pw"}) == "+OK\r\n");
  CHECK(c.run({"ACL", "WHOAMI"}) == "$5\r\nalice\r\n");
  CHECK(c.run({"HELLO", "2", "AUTH", "nobody", "pw"}).starts_with("-WRONGPASS"));
  CHECK(admin.run({"CLIENT", "LIST"}).find(" user=alice ") != std::string::npos);
  CHECK(c.run({"RESET"}) == "+RESET\r\n");
  CHECK(c.run({"ACL", "WHOAMI"}) == "$7\r\ndefault\r\n");
  admin.run({"ACL", "SETUSER", "alice", "off"});
  CHECK(c.run({"AUTH", "alice", "pw"}).starts_with("-WRONGPASS"));
}

TEST_CASE("requirepass: is the default user's password") {
  World world;
  Client admin(world);
  admin.run({"CONFIG", "SET", "requirepass", "one"});
  Client c(world);
  CHECK(c.run({"GET", "k"}) == "-NOAUTH Authentication required.\r\n");
  CHECK(c.run({"AUTH", "one"}) == "+OK\r\n");
  CHECK(admin.run({"ACL", "SETUSER", "default", ">two"}) == "+OK\r\n");
  CHECK(c.run({"AUTH", "two"}) == "+OK\r\n");
  // Without a password nobody has to log in, who is connected already included.
  Client waiting(world);
  CHECK(waiting.run({"PING"}) == "-NOAUTH Authentication required.\r\n");
  admin.run({"CONFIG", "SET", "requirepass", ""});
  CHECK(waiting.run({"PING"}) == "+PONG\r\n");
}

TEST_CASE("The default user switched off: every connection must log in") {
  World world;
  Client admin(world);
  make_alice(admin, {"allkeys", "+@all"});
  admin.run({"ACL", "SETUSER", "default", "off"});
  Client c(world);
  CHECK(c.run({"PING"}) == "-NOAUTH Authentication required.\r\n");
  CHECK(c.run({"AUTH", "alice", "pw"}) == "+OK\r\n");
  CHECK(c.run({"PING"}) == "+PONG\r\n");
  CHECK(admin.run({"PING"}) == "+PONG\r\n");
}

TEST_CASE("NOPERM: command, key and channel, each told and counted") {
  World world;
  Client admin(world);
  Client c(world);
  make_alice(admin, {"+set", "+publish", "~mine:*", "&mine"});
  c.run({"AUTH", "alice", "pw"});
  CHECK(c.run({"GET", "mine:1"}) == kNoCommand);
  CHECK(c.run({"SET", "other", "v"}) == "-NOPERM No permissions to access a key\r\n");
  CHECK(c.run({"PUBLISH", "other", "m"}) == "-NOPERM No permissions to access a channel\r\n");
  CHECK(c.run({"SET", "mine:1", "v"}) == "+OK\r\n");
  CHECK(c.run({"PUBLISH", "mine", "m"}) == ":0\r\n");
  const std::string info = admin.run({"INFO", "stats"});
  for (const std::string what : {"auth:0", "cmd:1", "key:1", "channel:1"}) {
    CHECK(info.find("acl_access_denied_" + what + "\r\n") != std::string::npos);
  }
}

TEST_CASE("A change of a user is felt by the next command of its connections") {
  World world;
  Client admin(world);
  Client c(world);
  make_alice(admin, {"+get", "~*"});
  c.run({"AUTH", "alice", "pw"});
  CHECK(c.run({"GET", "k"}) == "$-1\r\n");
  admin.run({"ACL", "SETUSER", "alice", "-get"});
  CHECK(c.run({"GET", "k"}) == kNoCommand);
}

TEST_CASE("MULTI: asked when a command is queued and when it runs") {
  World world;
  Client admin(world);
  Client c(world);
  make_alice(admin, {"+multi", "+exec", "+get", "~*"});
  c.run({"AUTH", "alice", "pw"});
  c.run({"MULTI"});
  CHECK(c.run({"SET", "k", "v"}).starts_with("-NOPERM User alice"));
  CHECK(c.run({"EXEC"}) == "-EXECABORT Transaction discarded because of previous errors.\r\n");
  c.run({"MULTI"});
  CHECK(c.run({"GET", "k"}) == "+QUEUED\r\n");
  admin.run({"ACL", "SETUSER", "alice", "resetkeys"});
  CHECK(c.run({"EXEC"}) ==
        "*1\r\n-NOPERM ACLs rules changed between the moment the transaction was accumulated and "
        "the EXEC call. This command is no longer allowed for the following reason: no permission "
        "to touch the specified keys\r\n");
  const std::string log = admin.run({"ACL", "LOG"});
  CHECK(log.starts_with("*2\r\n"));
  CHECK(log.find("multi") != std::string::npos);
  CHECK(log.find("toplevel") == std::string::npos);
}

TEST_CASE("A client that waits for a key is asked about again when it is served") {
  World world;
  Client admin(world);
  Client c(world);
  make_alice(admin, {"+blpop", "~*"});
  c.run({"AUTH", "alice", "pw"});
  CHECK(c.run({"BLPOP", "l", "0"}) == "");
  admin.run({"ACL", "SETUSER", "alice", "resetkeys"});
  admin.run({"RPUSH", "l", "a"});
  CHECK(c.take() == "-NOPERM No permissions to access a key\r\n");
  CHECK(admin.run({"LLEN", "l"}) == ":1\r\n");
  CHECK(c.run({"AUTH", "alice", "pw"}) == "+OK\r\n");
}

TEST_CASE("Subscribers go when their channel is revoked, and only then") {
  World world;
  Client admin(world);
  Client listener(world);
  make_alice(admin, {"+subscribe", "&news", "&other"});
  listener.run({"AUTH", "alice", "pw"});
  listener.run({"SUBSCRIBE", "news"});
  admin.run({"ACL", "SETUSER", "alice", "resetchannels", "&news"});
  CHECK_FALSE(listener.closed());
  admin.run({"ACL", "SETUSER", "alice", "resetchannels", "&other"});
  CHECK(listener.closed());
  CHECK(admin.run({"CLIENT", "LIST"}).find("user=alice") == std::string::npos);
}

TEST_CASE("ACL DELUSER: closes the user's connections; the default user stays") {
  World world;
  Client admin(world);
  Client c(world);
  make_alice(admin, {"+@all", "~*"});
  c.run({"AUTH", "alice", "pw"});
  CHECK(admin.run({"ACL", "DELUSER", "default"}) ==
        "-ERR The 'default' user cannot be removed\r\n");
  CHECK(admin.run({"ACL", "DELUSER", "alice", "nobody"}) == ":1\r\n");
  CHECK(c.closed());
  // Who removes itself is answered first.
  Client own(world);
  make_alice(admin, {"+@all", "~*"});
  own.run({"AUTH", "alice", "pw"});
  CHECK(own.run({"ACL", "DELUSER", "alice"}) == ":1\r\n");
  CHECK(own.closed());
  CHECK_FALSE(own.session().dropped());
}

TEST_CASE("CLIENT KILL USER: of a user that there is") {
  World world;
  Client admin(world);
  Client c(world);
  make_alice(admin, {});
  c.run({"AUTH", "alice", "pw"});
  CHECK(admin.run({"CLIENT", "KILL", "USER", "bob"}) == "-ERR No such user 'bob'\r\n");
  CHECK(admin.run({"CLIENT", "KILL", "USER", "alice"}) == ":1\r\n");
  CHECK(c.closed());
}

TEST_CASE("ACL GETUSER, LIST and USERS: the rules as they are") {
  World world;
  Client admin(world, 3);
  CHECK(admin.run({"ACL", "SETUSER", "alice", "on", "nopass", "%R~a", "&c", "+get", "(+set ~b)"}) ==
        "+OK\r\n");
  CHECK(
      admin.run({"ACL", "GETUSER", "alice"}) ==
      "%6\r\n$5\r\nflags\r\n~3\r\n$2\r\non\r\n$6\r\nnopass\r\n$16\r\nsanitize-payload\r\n"
      "$9\r\npasswords\r\n*0\r\n$8\r\ncommands\r\n$10\r\n-@all +get\r\n$4\r\nkeys\r\n$4\r\n%R~a\r\n"
      "$8\r\nchannels\r\n$2\r\n&c\r\n$9\r\nselectors\r\n*1\r\n%3\r\n$8\r\ncommands\r\n$10\r\n"
      "-@all +set\r\n$4\r\nkeys\r\n$2\r\n~b\r\n$8\r\nchannels\r\n$0\r\n\r\n");
  CHECK(admin.run({"ACL", "GETUSER", "bob"}) == "_\r\n");
  CHECK(admin.run({"ACL", "USERS"}) == "*2\r\n$5\r\nalice\r\n$7\r\ndefault\r\n");
  CHECK(admin.run({"ACL", "LIST"}) ==
        "*2\r\n" +
            bulk("user alice on nopass sanitize-payload %R~a resetchannels &c -@all +get (~b "
                 "resetchannels -@all +set)") +
            bulk("user default on nopass sanitize-payload ~* &* +@all"));
}

TEST_CASE("ACL LOG: entries, how many, and RESET") {
  World world;
  Client admin(world);
  Client c(world);
  make_alice(admin, {"+get", "~*"});
  c.run({"AUTH", "alice", "wrong"});
  c.run({"AUTH", "alice", "wrong"});
  c.run({"AUTH", "alice", "pw"});
  c.run({"SET", "k", "v"});
  CHECK(admin.run({"ACL", "LOG", "1"}).find("$6\r\nreason\r\n$7\r\ncommand\r\n") !=
        std::string::npos);
  CHECK(admin.run({"ACL", "LOG", "1"}).find(" cmd=set ") != std::string::npos);
  const std::string log = admin.run({"ACL", "LOG"});
  CHECK(log.starts_with("*2\r\n*20\r\n$5\r\ncount\r\n:1\r\n"));
  CHECK(log.find("$5\r\ncount\r\n:2\r\n$6\r\nreason\r\n$4\r\nauth\r\n$7\r\ncontext\r\n"
                 "$8\r\ntoplevel\r\n$6\r\nobject\r\n$4\r\nAUTH\r\n$8\r\nusername\r\n$5\r\nalice\r\n"
                 "$11\r\nage-seconds\r\n$1\r\n0\r\n") != std::string::npos);
  CHECK(log.find("$8\r\nentry-id\r\n:0\r\n") != std::string::npos);
  CHECK(admin.run({"ACL", "LOG", "-1"}) == "*0\r\n");
  CHECK(admin.run({"ACL", "LOG", "x"}) == "-ERR value is not an integer or out of range\r\n");
  CHECK(admin.run({"ACL", "LOG", "RESET"}) == "+OK\r\n");
  CHECK(admin.run({"ACL", "LOG"}) == "*0\r\n");
}

TEST_CASE("ACL DRYRUN: says what would be denied, and runs nothing") {
  World world;
  Client admin(world);
  make_alice(admin, {"+set", "~a"});
  CHECK(admin.run({"ACL", "DRYRUN", "alice", "SET", "a", "v"}) == "+OK\r\n");
  CHECK(admin.run({"EXISTS", "a"}) == ":0\r\n");
  CHECK(admin.run({"ACL", "DRYRUN", "alice", "GET", "a"}) ==
        bulk("User alice has no permissions to run the 'get' command"));
  CHECK(admin.run({"ACL", "DRYRUN", "alice", "SET", "b", "v"}) ==
        bulk("User alice has no permissions to access the 'b' key"));
  CHECK(admin.run({"ACL", "DRYRUN", "bob", "SET", "b", "v"}) == "-ERR User 'bob' not found\r\n");
  CHECK(admin.run({"ACL", "DRYRUN", "alice", "nosuch", "b"}) ==
        "-ERR Command 'nosuch' not found\r\n");
  CHECK(admin.run({"ACL", "DRYRUN", "alice", "SET"}) ==
        "-ERR wrong number of arguments for 'set' command\r\n");
}

TEST_CASE("ACL CAT and GENPASS") {
  World world;
  Client admin(world);
  CHECK(admin.run({"ACL", "CAT"}).starts_with("*21\r\n$8\r\nkeyspace\r\n"));
  CHECK(admin.run({"ACL", "CAT", "scripting"}).find("$7\r\nevalsha\r\n") != std::string::npos);
  CHECK(admin.run({"ACL", "CAT", "TRANSACTION"}).find("$4\r\nexec\r\n") != std::string::npos);
  CHECK(admin.run({"ACL", "CAT", "none"}) == "-ERR Unknown category 'none'\r\n");
  CHECK(admin.run({"ACL", "GENPASS"}).starts_with("$64\r\n"));
  CHECK(admin.run({"ACL", "GENPASS", "5"}).starts_with("$2\r\n"));
  CHECK(admin.run({"ACL", "GENPASS", "4097"}).starts_with("-ERR ACL GENPASS argument must be"));
}

TEST_CASE("SORT BY and GET: only for who may read all keys") {
  World world;
  Client admin(world);
  Client c(world);
  make_alice(admin, {"+sort", "~l"});
  admin.run({"RPUSH", "l", "2", "1"});
  c.run({"AUTH", "alice", "pw"});
  CHECK(c.run({"SORT", "l"}) == "*2\r\n$1\r\n1\r\n$1\r\n2\r\n");
  CHECK(c.run({"SORT", "l", "BY", "w:*"}) ==
        "-ERR BY option of SORT denied due to insufficient ACL permissions.\r\n");
  CHECK(c.run({"SORT", "l", "GET", "w:*"}) ==
        "-ERR GET option of SORT denied due to insufficient ACL permissions.\r\n");
  admin.run({"ACL", "SETUSER", "alice", "%R~*"});
  CHECK(c.run({"SORT", "l", "BY", "w:*"}) == "*2\r\n$1\r\n1\r\n$1\r\n2\r\n");
}

TEST_CASE("acl-pubsub-default: what new users may do with channels") {
  World world;
  Client admin(world);
  admin.run({"CONFIG", "SET", "acl-pubsub-default", "allchannels"});
  admin.run({"ACL", "SETUSER", "alice"});
  CHECK(admin.run({"ACL", "LIST"}).find("user alice off sanitize-payload &* -@all") !=
        std::string::npos);
}

TEST_CASE("The ACL file: read at the start, written by SAVE, read again by LOAD") {
  const Folder folder;
  const std::string lines = "user alice on nopass sanitize-payload ~* resetchannels +@all\n";
  folder.write(lines);
  InstanceOptions options;
  options.acl_file = folder.file();
  options.acl_lines = read_acl_file(options.acl_file);
  CHECK(acl_faults(options.acl_lines, options.acl_file).empty());
  World world(options);
  Client admin(world);
  CHECK(admin.run({"CONFIG", "GET", "aclfile"}).find(folder.file()) != std::string::npos);
  CHECK(admin.run({"ACL", "USERS"}) == "*2\r\n$5\r\nalice\r\n$7\r\ndefault\r\n");
  Client alice(world);
  CHECK(alice.run({"AUTH", "alice", "x"}) == "+OK\r\n");
  Client bob(world);
  admin.run({"ACL", "SETUSER", "bob", "on", "nopass", "+@all", "~*"});
  bob.run({"AUTH", "bob", "x"});
  CHECK(admin.run({"ACL", "SAVE"}) == "+OK\r\n");
  CHECK(folder.read().starts_with(lines + "user bob on nopass"));

  // bob is gone from the file, and with it its connection; alice stays, with other rules.
  folder.write("user alice on nopass ~* +get +acl|whoami\n");
  CHECK(admin.run({"ACL", "LOAD"}) == "+OK\r\n");
  CHECK(bob.closed());
  CHECK(alice.run({"ACL", "WHOAMI"}) == "$5\r\nalice\r\n");
  CHECK(alice.run({"SET", "k", "v"}).starts_with("-NOPERM"));
  folder.write("user alice nonsense\n");
  CHECK(admin.run({"ACL", "LOAD"}).starts_with("-ERR " + folder.file() + ":1: Syntax error. "));
  CHECK(alice.run({"GET", "k"}) == "$-1\r\n");
}

TEST_CASE("ACL LOAD and SAVE: refused where there is no file") {
  World world;
  Client admin(world);
  CHECK(
      admin.run({"ACL", "LOAD"}).starts_with("-ERR This Redis instance is not configured to use"));
  CHECK(
      admin.run({"ACL", "SAVE"}).starts_with("-ERR This Redis instance is not configured to use"));
}

}  // namespace bodega::redis::test
