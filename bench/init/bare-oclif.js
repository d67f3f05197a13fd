// The least of a command line that asks: oclif's parser and one question of inquirer.
import {Command} from '@oclif/core'

class Ask extends Command {
  async run() {
    await this.parse(Ask)
    const {default: inquirer} = await import('inquirer')
    await inquirer.prompt([{type: 'input', name: 'answer', message: 'Name'}])
  }
}
await Ask.run([], import.meta.url)
