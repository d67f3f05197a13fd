// The least that asks with inquirer: one question, nothing else.
const {default: inquirer} = await import('inquirer')
await inquirer.prompt([{type: 'input', name: 'answer', message: 'Name'}])
